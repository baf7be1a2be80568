// Identities in the tables of a stage, for one instance of a function.

import type { Identities } from '../../domain/storing/port.ts';
import type { Clock } from '../../domain/system/port.ts';
import type { Table } from '../aws/table.ts';
import { linkLimits } from './claim-in-logs.ts';
import { divideIdentities } from './divided-identities.ts';
import { DynamoClaimLogs } from './dynamodb-claim-logs.ts';
import { DynamoIdentities } from './dynamodb-identities.ts';
import { KnownLogs } from './known-logs.ts';

export type IdentityTables = {
  readonly identities: Table;
  readonly claimLogs: Table;
  readonly clock: Pick<Clock, 'now'>;
};

export const createIdentities = ({ identities, claimLogs, clock }: IdentityTables): Identities =>
  divideIdentities({
    singly: new DynamoIdentities(identities),
    logs: new DynamoClaimLogs(claimLogs),
    known: new KnownLogs(),
    limits: linkLimits,
    clock,
    pause: claimLogs.pause,
  });
