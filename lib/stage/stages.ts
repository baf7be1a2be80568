// The stages of Weir. To add a stage, add an entry to `stages`. Another region is a stage too, with a name of its own,
// because the stacks are named after it: `{ ...prod, name: 'prodeu', region: 'eu-west-1' }`.

import { forRequests, tierBurst, tierMinute } from './request-concurrency.ts';
import { checkStage, InvalidStage, perFunction, type StageSettings } from './stage-settings.ts';

const unreserved = perFunction({
  unreserved: true,
  reason:
    'a new AWS account has a concurrency quota of 10, and any reservation would make its first deploy fail',
} as const);

const noPeople = {
  leftOut: true,
  reason: 'who issues the tokens of people is for whoever deploys to say: docs/operate/people.md',
} as const;

const noFirewall = {
  leftOut: true,
  reason: 'a web ACL with its rules costs $10 a month, and usage plans limit accounts without it',
} as const;

const noOffPeak = {
  leftOut: true,
  reason: 'in which hours there is room to spare is for whoever deploys to say: docs/operate/deploy.md',
} as const;

const noStatusPage = {
  leftOut: true,
  reason: 'who may see how well the stage does is for whoever deploys to say: docs/operate/reports.md',
} as const;

const noNotify = {
  leftOut: true,
  reason: 'who is woken is for whoever deploys to say: docs/operate/deploy.md#subscribe-to-the-alarms',
} as const;

const automaticSlots = { automatic: true, most: 8 } as const;
const oneSlot = {
  automatic: false,
  most: 1,
  reason: 'all slots would share the one shard of the stage: more of them help nobody',
} as const;

const noProbe = {
  leftOut: true,
  reason: 'nobody is woken for this stage at night, and each probe costs a request, its writes and a wait',
} as const;

const oneShard = { mode: 'provisioned', shards: 1 } as const;

const noPriority = (reason: string) => ({ leftOut: true, reason }) as const;

const dev: StageSettings = {
  name: 'dev',
  streams: {
    standard: { mode: 'on-demand' },
    priority: noPriority('a shard costs $10.95 a month, and nobody here pays for not waiting'),
  },
  lateEvents: { streamCapacity: oneShard },
  streamRetentionHours: 24,
  maxRecordAgeHours: 18,
  protect: false,
  logRetentionDays: 7,
  failedRecordsRetentionDays: 14,
  reservedConcurrency: unreserved,
  parallelizationFactor: 1,
  slots: automaticSlots,
  planKeys: true,
  quotas: 'observe',
  firewall: noFirewall,
  offPeak: noOffPeak,
  probe: noProbe,
  alarms: true,
  deploys: {
    leftOut: true,
    reason: 'a tenth of few requests shows nothing in five minutes, and its deploys are to take one or two',
  },
  notify: noNotify,
  statusPage: noStatusPage,
  tracing: true,
  people: noPeople,
};

const prod: StageSettings = {
  name: 'prod',
  streams: {
    standard: { mode: 'on-demand' },
    priority: noPriority(
      'it costs $29.20 a month on demand; turn it on with the first account of the tier enterprise',
    ),
  },
  lateEvents: { streamCapacity: { mode: 'on-demand' } },
  streamRetentionHours: 72,
  maxRecordAgeHours: 48,
  protect: true,
  logRetentionDays: 90,
  failedRecordsRetentionDays: 30,
  // 851 in all. An AWS account has 1,000 by default, and 100 of them cannot be reserved. With a quota of 2,400,
  // `forRequests(ladderBurst)` reserves 1,000 each for authorize and ingest.
  reservedConcurrency: {
    ...forRequests(tierBurst),
    consume: 100,
    'consume-late': 20,
    'consume-priority': { unreserved: true, reason: 'there is none: the stage leaves its stream out' },
    // An account at the bound of each of its routes has up to 20 of them: those that settle take up to 5 s.
    manage: 20,
    measure: {
      unreserved: true,
      reason: 'it gets a few deliveries a second, and Lambda tries each for six hours',
    },
    read: 100,
    report: 1,
    review: { unreserved: true, reason: 'it runs once an hour, and an operator who asks for a report waits' },
    settle: 5,
    // 6 MB take some tenths of a second. The batches of other shards wait, and nobody waits for them.
    tally: 2,
    announce: 2,
    probe: 1,
  },
  parallelizationFactor: 2,
  slots: automaticSlots,
  planKeys: true,
  quotas: 'observe',
  firewall: { requestsPerMinute: tierMinute },
  offPeak: noOffPeak,
  probe: true,
  alarms: true,
  deploys: { canary: true },
  notify: noNotify,
  statusPage: noStatusPage,
  tracing: true,
  people: noPeople,
};

/** One shard takes 1 MB and 1,000 records a second. Data that matters may be in it, so it is protected. */
const tiny: StageSettings = {
  name: 'tiny',
  streams: {
    standard: oneShard,
    priority: noPriority('a second shard costs as much as the first one: all accounts here share it'),
  },
  lateEvents: {
    leftOut: true,
    reason:
      'a second shard costs as much as the first one: whoever backfills here delays the others of the stage',
  },
  streamRetentionHours: 24,
  maxRecordAgeHours: 18,
  protect: true,
  logRetentionDays: 14,
  failedRecordsRetentionDays: 30,
  reservedConcurrency: unreserved,
  parallelizationFactor: 1,
  slots: oneSlot,
  planKeys: true,
  quotas: 'observe',
  firewall: noFirewall,
  offPeak: noOffPeak,
  probe: noProbe,
  alarms: {
    signalsOnly: true,
    reason:
      'burn rates of a few requests a day say little, and their alarms and metrics cost half as much as the shard',
  },
  deploys: { leftOut: true, reason: 'a tenth of a few requests a day shows nothing in five minutes' },
  notify: noNotify,
  statusPage: noStatusPage,
  tracing: true,
  people: noPeople,
};

const emulator: StageSettings = {
  name: 'emulator',
  streams: { standard: oneShard, priority: oneShard },
  lateEvents: { streamCapacity: oneShard },
  streamRetentionHours: 24,
  maxRecordAgeHours: 18,
  protect: false,
  logRetentionDays: 1,
  failedRecordsRetentionDays: 1,
  reservedConcurrency: unreserved,
  parallelizationFactor: 1,
  quotas: 'observe',
  slots: oneSlot,
  planKeys: {
    leftOut: true,
    reason: 'MiniStack reads the usage-plan key from the header only, not from the answer of the authorizer',
  },
  firewall: { leftOut: true, reason: 'an emulator of AWS is reached from its own machine only' },
  offPeak: noOffPeak,
  probe: { leftOut: true, reason: 'an emulator of AWS has nobody to wake' },
  alarms: { leftOut: true, reason: 'MiniStack refuses composite alarms and alarms on expressions' },
  deploys: { leftOut: true, reason: 'MiniStack has no CodeDeploy' },
  notify: noNotify,
  statusPage: noStatusPage,
  tracing: {
    leftOut: true,
    reason: 'traces of an emulator say nothing about AWS, and not every emulator has X-Ray',
  },
  people: noPeople,
};

export const stages: readonly StageSettings[] = [dev, prod, tiny, emulator];

/** All stages, or the one with this name. Each is checked. */
export function selectStages(
  name: string | undefined,
  among: readonly StageSettings[] = stages,
): readonly StageSettings[] {
  const twice = among.find((stage, index) => among.findIndex((other) => other.name === stage.name) < index);
  if (twice !== undefined) {
    throw new InvalidStage(
      `Two stages have the name "${twice.name}". Give each its own name, even if their regions differ.`,
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
