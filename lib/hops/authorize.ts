// The authorize hop: the function behind the authorizer of the API.

import { Construct } from 'constructs';
import type { PeopleSettings } from '../../domain/accounts/people.ts';
import { authorizeTimeMs } from '../../domain/api/routes.ts';
import {
  accountKeyPrefix,
  accountKeysPrefix,
  apiKeyKeyPrefix,
  lastUseKeyPrefix,
  noticeKeyPrefix,
  personKeyPrefix,
} from '../../domain/keys.ts';
import { allowPartitions } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import { stageLimitsOf } from '../stage/stage-limits.ts';
import type { HopProps } from './hop.ts';

export class Authorize extends Construct {
  readonly live: WeirFunction['live'];

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { accounts } = storage.tables;
    const people: PeopleSettings | undefined = 'leftOut' in stage.people ? undefined : stage.people;
    const { offPeak } = stageLimitsOf(stage);
    this.live = new WeirFunction(this, 'Authorize', {
      stage,
      code,
      verb: 'authorize',
      description: 'Resolves a secret, or the token of a person, to an account and its usage-plan key',
      memoryMebibytes: 512,
      timeoutSeconds: authorizeTimeMs / 1000,
      environment: {
        ACCOUNTS_TABLE: accounts.tableName,
        ...(people && { PEOPLE: JSON.stringify(people) }),
        ...(offPeak && { OFF_PEAK: JSON.stringify(offPeak) }),
      },
      statements: [
        allowPartitions(['BatchGetItem'], accounts, {
          prefixes: [accountKeyPrefix, accountKeysPrefix, apiKeyKeyPrefix, lastUseKeyPrefix, personKeyPrefix],
        }),
        allowPartitions(['Query'], accounts, { prefix: personKeyPrefix }),
        allowPartitions(['PutItem'], accounts, { prefix: lastUseKeyPrefix }),
        allowPartitions(['PutItem'], accounts, { prefix: noticeKeyPrefix }),
      ],
    }).live;
  }
}
