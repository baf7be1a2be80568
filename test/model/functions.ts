// The functions as Lambda runs them: an invocation is an actor with a timeout, and the mapping moves past each record that
// consume does not report as failed.

import type { KinesisStreamEvent } from 'aws-lambda';
import { deadLetterPrefix, lambdaPrefix, streamKey, type Tenant, unreadableName } from '../../domain/keys.ts';
import { readDeadLetter } from '../../domain/quarantine/dead-letters.ts';
import { type SettleRequest, settling } from '../../domain/quarantine/quarantine.ts';
import { delivery, replayIdentity } from '../../domain/record/delivery.ts';
import { type RecordId, recordName } from '../../domain/record/record-id.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { createConsume } from '../../lambdas/consume/consume.ts';
import { createSettle } from '../../lambdas/settle/settle.ts';
import { seededRandom } from '../support/clock.ts';
import { noneDeleted } from '../support/deleted-accounts.ts';
import { silentLogger } from '../support/meter.ts';
import { actorPorts } from './actor-ports.ts';
import { identitiesOf } from './claim-logs.ts';
import type { Instance } from './instances.ts';
import type { AcceptedRecord } from './records.ts';
import type { Actor } from './scheduler.ts';
import { type Entry, limits, type World } from './world.ts';

const silentMeter = { count: () => {}, milliseconds: () => {}, tier: () => {}, publish: () => {} };

/** Folds only log their failures. In the model nothing but an outage may stop one. */
export const telemetryOf = (world: World) => ({
  meter: silentMeter,
  logger: {
    ...silentLogger,
    error: (message: unknown, ...extra: readonly unknown[]) => {
      if (message === foldFails || message === leavesOut)
        world.violations.push(`${message}: ${JSON.stringify(extra)}`);
      if (message === abandons)
        world.abandoned.add(nameIn(extra[0] as Tenant & { readonly record: RecordId }));
    },
  },
});
const foldFails = 'a run cannot be folded';
const abandons = 'a record is no longer replayed automatically';
const nameIn = ({ record, ...tenant }: Tenant & { readonly record: RecordId }) => recordName(tenant, record);
const leavesOut = 'receipts cannot be applied and are left out of the documents';
/** They touch nothing of what is modelled: see test/contract/rejections. */
const noRejections = { count: async () => {} };
export const contested = async () => {};

/** On an instance that is the same for the same number, if it is not busy. */
export async function consume(
  world: World,
  entries: readonly Entry[],
  which = world.scheduler.trace.length,
): Promise<Actor | undefined> {
  if (entries.length === 0) return undefined;
  for (const entry of entries) entry.heldBy += 1;
  const title = `consume ${entries.map(nameOfEntry).join(' ')}`;
  const instance = world.instances.take(which);
  const actor = world.addActor(title, delivery.consumeTimeoutSeconds, (isKilled) => {
    world.instances.giveBack(instance, isKilled);
    for (const entry of entries) {
      entry.heldBy -= 1;
      if (isKilled) entry.timesDied += 1;
    }
  });
  const run = createConsume({
    ...portsOn(world, actor, instance),
    ...telemetryOf(world),
    clock: world.clock,
    rejections: noRejections,
    generations: noneDeleted,
    pauses: { contested, unavailable: () => world.clock.sleep(10_000) },
    limits,
    tallies: world.tallies,
    refusedLanes: instance.refusedLanes,
    publishLag: async () => {},
    random: seededRandom(),
    spans: { end: () => {} },
  });
  await world.scheduler.start(actor, async () => {
    const { batchItemFailures } = await expectOnlyUnavailable(
      world,
      actor,
      run(eventOf(entries), timeOf(world, actor)),
    );
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const first = entries.findIndex(({ sequenceNumber }) => failed.has(sequenceNumber));
    await passEntries(world, first < 0 ? entries : entries.slice(0, first));
    return failed.size === 0 ? 'done' : `asks for ${[...failed].join(', ')} again`;
  });
  return actor;
}

async function passEntries(world: World, entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) {
    entry.isPassed = true;
    const { record, sequenceNumber } = entry;
    const isKept =
      record.plan.kind === 'unreadable'
        ? await world.stores.failedRecords.get(unreadableName(sequenceNumber))
        : (world.receiptOf(record) ?? (await isDeadLettered(world, record)));
    if (!isKept) world.violations.push(`${record.name} is passed by the mapping, and it is kept nowhere`);
  }
}

async function isDeadLettered(
  { stores: { failedRecords } }: World,
  { data }: AcceptedRecord,
): Promise<boolean> {
  for await (const { name } of failedRecords.list(deadLetterPrefix)) {
    const object = await failedRecords.get(name);
    if (object && readDeadLetter(object).records.some((each) => Buffer.compare(each.data, data) === 0))
      return true;
  }
  return false;
}

/** Lambda stops retrying these entries and writes them to the bucket, with the whole event. */
export async function writeDeadLetter(
  world: World,
  entries: readonly Entry[],
  hasCrashed: boolean,
): Promise<void> {
  if (entries.length === 0) return;
  const name = `${lambdaPrefix}${world.objects.length + 1}`;
  const responseContext = { functionError: hasCrashed ? 'Unhandled' : null };
  const failure = { responseContext, payload: JSON.stringify(eventOf(entries)) };
  await world.stores.failedRecords.put(name, Buffer.from(JSON.stringify(failure)));
  world.objects.push(name);
  for (const entry of entries) entry.isPassed = true;
  const why = hasCrashed ? 'which crash the function' : 'which are too old';
  world.log(`Lambda stops retrying ${entries.map(nameOfEntry).join(', ')}, ${why}: ${name}`);
}

const eventOf = (entries: readonly Entry[]): KinesisStreamEvent =>
  ({
    Records: entries.map(({ sequenceNumber, record: { base64, lane } }) => ({
      invokeIdentityArn: replayIdentity,
      kinesis: {
        sequenceNumber,
        partitionKey: streamKey(lane.tenant, lane.slot, lane.late),
        data: base64,
      },
    })),
  }) as unknown as KinesisStreamEvent;

const nameOfEntry = ({ sequenceNumber, record }: Entry): string => `${sequenceNumber}=${record.name}`;

export const settleObject = (world: World, name: string): Promise<void> =>
  settle(world, `settle ${name}`, {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { object: { key: name } },
  });

export const sweep = (world: World): Promise<void> =>
  settle(world, 'sweep', { source: 'aws.events', 'detail-type': 'Scheduled Event' });

export const request = (
  world: World,
  action: SettleRequest['action'],
  { lane, record, receivedAtMs, name }: AcceptedRecord,
): Promise<void> => settle(world, `${action} ${name}`, { action, lane, record, receivedAtMs });

async function settle(world: World, title: string, task: object): Promise<void> {
  const instance = world.instances.take(world.scheduler.trace.length);
  const actor = world.addActor(title, settling.timeoutSeconds, (isKilled) =>
    world.instances.giveBack(instance, isKilled),
  );
  const run = createSettle({
    ...portsOn(world, actor, instance),
    ...telemetryOf(world),
    clock: world.clock,
    rejections: noRejections,
    generations: noneDeleted,
    pauses: { contested },
  });
  await world.scheduler.start(actor, async () =>
    JSON.stringify((await expectOnlyUnavailable(world, actor, run(task, timeOf(world, actor)))) ?? 'done'),
  );
}

function portsOn(world: World, actor: Actor, { known }: Instance) {
  const ports = actorPorts(world, actor);
  return { ...ports, identities: identitiesOf(world, ports, known, actor) };
}

const timeOf =
  ({ clock }: World, { endsMs }: Actor) =>
  () =>
    endsMs - clock.now();

/** An invocation may fail only because a dependency is unavailable. */
export async function expectOnlyUnavailable<T>(world: World, { name }: Actor, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Unavailable))
      world.violations.push(`${name} fails with ${error instanceof Error ? error.stack : error}`);
    throw error;
  }
}
