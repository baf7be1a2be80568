// What a verb works with: one stage of a deployment, found by the outputs of its stacks. At run time only a verb that
// connects loads this module, because the AWS clients take a while to load.

import { hostname, userInfo } from 'node:os';
import { ApiGatewayPlanKeys } from '../adapters/accounts/api-gateway-plan-keys.ts';
import { DynamoAccounts } from '../adapters/accounts/dynamodb-accounts.ts';
import { DynamoApiKeys } from '../adapters/accounts/dynamodb-api-keys.ts';
import { DynamoAuditLog } from '../adapters/accounts/dynamodb-audit-log.ts';
import { DynamoMembers } from '../adapters/accounts/dynamodb-members.ts';
import { workTimeouts } from '../adapters/aws/client-options.ts';
import { createDocumentClient } from '../adapters/aws/dynamodb-client.ts';
import { readOutputs, StackMissing } from '../adapters/aws/stack-outputs.ts';
import { DynamoUse } from '../adapters/limits/dynamodb-use.ts';
import { DynamoPolicies } from '../adapters/personal-data/dynamodb-policies.ts';
import { DynamoIncidents } from '../adapters/service-levels/dynamodb-incidents.ts';
import { DynamoCurrentPlatformKey } from '../adapters/signing/dynamodb-current-platform-key.ts';
import { DynamoSigningSecrets } from '../adapters/signing/dynamodb-signing-secrets.ts';
import { systemClock, systemRandom, workPause } from '../adapters/system/clock-and-random.ts';
import type { Actor } from '../domain/accounts/audit.ts';
import type { Accounts, ApiKeys, AuditLog, Members, PlanKeys } from '../domain/accounts/port.ts';
import type { AccessLog } from '../domain/accounts/reads.ts';
import { eventUseKey, readUseKey } from '../domain/keys.ts';
import type { Use } from '../domain/limits/port.ts';
import type { Operations } from '../domain/operations/port.ts';
import type { Policies } from '../domain/personal-data/port.ts';
import type { StageAlarms } from '../domain/service-levels/alarm-states.ts';
import type { Incidents } from '../domain/service-levels/port.ts';
import type { PlatformKeys, SigningSecrets } from '../domain/signing/port.ts';
import type { Clock, Random } from '../domain/system/port.ts';
import { stackNamesOf } from '../domain/system/stage-names.ts';
import type { OperatorOptions } from './connection.ts';
import { CliError } from './errors.ts';
import type { RecordAccess } from './record-access.ts';

export type Operator = {
  readonly stage: string;
  /** The user of the operating system, on his host. */
  readonly actor: Actor;
  readonly accounts: Accounts;
  readonly keys: ApiKeys;
  readonly members: Members;
  readonly auditLog: AuditLog;
  readonly policies: Policies;
  readonly signingSecrets: SigningSecrets;
  readonly platformKeys: PlatformKeys;
  readonly planKeys: PlanKeys;
  readonly eventUse: Use;
  readonly summaryReadUse: Use;
  readonly incidents: Incidents;
  readonly random: Random;
  readonly clock: Pick<Clock, 'now'>;
  /** Of the API. Only who asks for it loads its client. */
  accessLog(): Promise<AccessLog>;
  /** For the verbs of somebody on call. */
  operations(): Promise<Operations>;
  /** For the verbs about records; the others do not load its clients. */
  records(): Promise<RecordAccess>;
  /** Of the stage, in CloudWatch. */
  alarms(): Promise<StageAlarms>;
  readonly hasPriorityStream: boolean;
  readonly hasLateStream: boolean;
  /** The value of a stack output; throws OutputMissing. */
  output(name: string): string;
};

export class StageMissing extends CliError {
  constructor(stage: string, { cause }: StackMissing) {
    super(
      `The stage ${stage} was not found.`,
      'Deploy it with npm run deploy, or check --stage, the region and the credentials.',
      { cause },
    );
  }
}

export class OutputMissing extends CliError {
  constructor(stage: string, name: string) {
    super(`The stacks of the stage ${stage} have no output ${name}.`, 'Deploy them again: npm run deploy');
  }
}

export async function connectOperator({ stage, ...connection }: OperatorOptions): Promise<Operator> {
  const outputs = await readOutputs(Object.values(stackNamesOf(stage)), workTimeouts, connection).catch(
    (error) => {
      throw error instanceof StackMissing ? new StageMissing(stage, error) : error;
    },
  );
  const output = (name: string) => {
    const value = outputs.get(name);
    if (!value) throw new OutputMissing(stage, name);
    return value;
  };
  const client = createDocumentClient(workTimeouts, connection);
  const accountsTable = { client, name: output('AccountsTable'), pause: workPause };
  const ledgerTable = { client, name: output('LedgerTable'), pause: workPause };
  return {
    stage,
    actor: { who: `operator ${userName()}`, from: hostname() },
    accounts: new DynamoAccounts(accountsTable),
    keys: new DynamoApiKeys(accountsTable),
    members: new DynamoMembers(accountsTable),
    auditLog: new DynamoAuditLog(accountsTable),
    policies: new DynamoPolicies(accountsTable),
    signingSecrets: new DynamoSigningSecrets(accountsTable),
    platformKeys: new DynamoCurrentPlatformKey({
      table: ledgerTable,
      random: systemRandom,
      clock: systemClock,
    }),
    planKeys: new ApiGatewayPlanKeys(stage, workTimeouts, connection),
    eventUse: new DynamoUse(ledgerTable, eventUseKey),
    summaryReadUse: new DynamoUse(ledgerTable, readUseKey),
    incidents: new DynamoIncidents(ledgerTable),
    random: systemRandom,
    clock: systemClock,
    accessLog: async () => {
      const { CloudWatchAccessLog } = await import('../adapters/accounts/cloudwatch-access-log.ts');
      return new CloudWatchAccessLog(output('AccessLog'), workTimeouts, connection);
    },
    operations: async () => {
      const { AwsOperations } = await import('../adapters/operations/aws-operations.ts');
      return new AwsOperations(stage, output('AccessLog'), workTimeouts, connection);
    },
    records: async () => {
      const { connectRecords } = await import('./record-access.ts');
      return connectRecords(stage, connection, output, (name) => outputs.has(name));
    },
    alarms: async () => {
      const { CloudWatchAlarms } = await import('../adapters/operations/cloudwatch-alarms.ts');
      return new CloudWatchAlarms(stage, workTimeouts, connection);
    },
    hasPriorityStream: outputs.has('PriorityEventStream'),
    hasLateStream: outputs.has('LateEventStream'),
    output,
  };
}

/** In a container a user can be without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
