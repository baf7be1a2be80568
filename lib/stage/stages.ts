// Where Weir can be deployed, as data. A new stage is one more entry of `stages`, and so is a region, under a name of
// its own because stacks are called after it: `{ ...prod, name: 'prodeu', region: 'eu-west-1' }`.

import { checkStage, InvalidStage, type StageSettings } from './stage-settings.ts';

const smallAccount = {
  unreserved: true,
  reason:
    'a new AWS account has a concurrency quota of 10, and any reservation would make its first deploy fail',
} as const;

const unreserved = {
  authorize: smallAccount,
  ingest: smallAccount,
  consume: smallAccount,
  read: smallAccount,
  report: smallAccount,
  settle: smallAccount,
} as const;

const dev: StageSettings = {
  name: 'dev',
  streamCapacity: { mode: 'on-demand' },
  streamRetentionHours: 24,
  protect: false,
  logRetentionDays: 7,
  failedRecordsRetentionDays: 14,
  reservedConcurrency: unreserved,
  parallelizationFactor: 1,
  planKeys: true,
  alarms: true,
  tracing: true,
};

const prod: StageSettings = {
  name: 'prod',
  streamCapacity: { mode: 'on-demand' },
  streamRetentionHours: 72,
  protect: true,
  logRetentionDays: 90,
  failedRecordsRetentionDays: 90,
  // Together 606 of the 1,000 that an account in use has by default; 100 of them can never be reserved.
  reservedConcurrency: { authorize: 200, ingest: 200, consume: 100, read: 100, report: 1, settle: 5 },
  parallelizationFactor: 2,
  planKeys: true,
  alarms: true,
  tracing: true,
};

const emulator: StageSettings = {
  name: 'emulator',
  streamCapacity: { mode: 'provisioned', shards: 1 },
  streamRetentionHours: 24,
  protect: false,
  logRetentionDays: 1,
  failedRecordsRetentionDays: 1,
  reservedConcurrency: unreserved,
  parallelizationFactor: 1,
  planKeys: {
    leftOut: true,
    reason: 'MiniStack takes the key of a plan from the header alone, not from the answer of the authorizer',
  },
  alarms: { leftOut: true, reason: 'MiniStack refuses composite alarms and alarms on expressions' },
  tracing: {
    leftOut: true,
    reason: 'traces of an emulator say nothing about AWS, and not every one has X-Ray',
  },
};

export const stages: readonly StageSettings[] = [dev, prod, emulator];

/** All stages, or the one that is named; each of them checked. */
export function selectStages(
  name: string | undefined,
  among: readonly StageSettings[] = stages,
): readonly StageSettings[] {
  const twice = among.find((stage, index) => among.findIndex((other) => other.name === stage.name) < index);
  if (twice !== undefined) {
    throw new InvalidStage(
      `Two stages have the name "${twice.name}"; give each its own, also where their regions differ.`,
    );
  }
  if (name === undefined) return among.map(checkStage);
  const found = among.find((stage) => stage.name === name);
  if (found === undefined) {
    const known = among.map((stage) => stage.name).join(', ');
    throw new InvalidStage(`There is no stage "${name}". Known stages: ${known}.`);
  }
  return [checkStage(found)];
}
