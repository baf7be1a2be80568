// One try of the records of an invocation, of events and then of rejections. Afterwards each is counted, in quarantine, or still open because a dependency
// is unavailable.

import { isPlain, type Receipt } from '../../domain/counting/receipt.ts';
import { laneKey } from '../../domain/keys.ts';
import type { FailedRecords } from '../../domain/quarantine/port.ts';
import { laneOf, nameOfPlace, placeOfRecord } from '../../domain/record/record-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { inTimeMs } from '../../domain/service-levels/objectives.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { laneByLane, retryLaneByLane } from '../counting/lane-by-lane.ts';
import { settleReceipts } from '../counting/settle-receipts.ts';
import type { Tallies } from '../counting/tallies.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { type CountRejectionsDeps, countRejections, isOfRejections } from '../storing/count-rejections.ts';
import {
  failureOf,
  keepUnreadable,
  type QuarantineDeps,
  quarantineRecords,
  type UnreadableRecord,
} from '../storing/quarantine-records.ts';
import { requestOf, requestsOf } from '../storing/record-telemetry.ts';
import { type Fate, type StoreAndCountDeps, storeAndCount } from '../storing/store-and-count.ts';
import { type LogDeps, logCounted } from './log-records.ts';
import type { LanesTried } from './refused-lanes.ts';
import { type OwnedRecord, workLaneOf } from './wire.ts';

export type TryDeps = StoreAndCountDeps &
  CountRejectionsDeps &
  QuarantineDeps &
  LogDeps & {
    readonly failedRecords: Pick<FailedRecords, 'put'>;
    readonly tallies: Pick<Tallies, 'add'>;
    readonly meter: Meter;
  };

/** `takenMs` is when the invocation started. `hasTime` is false shortly before its timeout: then no work is started. */
export type Invocation = { readonly takenMs: number; readonly hasTime: () => boolean };

export type OpenRecords = {
  readonly owned: readonly OwnedRecord[];
  readonly unreadable: readonly UnreadableRecord[];
};

/** Records that this try has not ended, and why. */
type Open<Record> = ReadonlyMap<Record, Unavailable>;

const noTime = new Unavailable('There is no time left for it.');

export type Tried = { readonly open: OpenRecords; readonly lanes: LanesTried };

/** Returns the records that are still open. */
export async function tryRecords(
  deps: TryDeps,
  { owned, unreadable }: OpenRecords,
  invocation: Invocation,
): Promise<Tried> {
  const served = new Set<string>();
  const rejections = owned.filter(isOfRejections);
  const events = rejections.length === 0 ? owned : owned.filter((record) => !isOfRejections(record));
  const openOwned = new Map([
    ...(await orAllOpen(events, () => tryOwned(deps, events, served, invocation))),
    ...(await tryRejections(deps, rejections, served, invocation)),
  ]);
  const openUnreadable = new Map<UnreadableRecord, Unavailable>();
  for (const record of unreadable) {
    const open = await orAllOpen([record], async () => {
      if (!invocation.hasTime()) throw noTime;
      await keepUnreadable(deps, record);
      return new Map();
    });
    for (const [each, error] of open) openUnreadable.set(each, error);
  }
  logOpen(deps, openOwned, openUnreadable);
  return {
    open: { owned: [...openOwned.keys()], unreadable: [...openUnreadable.keys()] },
    lanes: { served, refused: refusedOf(openOwned) },
  };
}

function refusedOf(open: Open<OwnedRecord>): LanesTried['refused'] {
  const refused = new Map<string, { isOfPartition: boolean }>();
  for (const [record, error] of open) {
    const lane = workLaneOf(record);
    refused.set(lane, { isOfPartition: error.isOfPartition || refused.get(lane)?.isOfPartition === true });
  }
  return refused;
}

/** After the events, which more depends on. */
async function tryRejections(
  deps: TryDeps,
  records: readonly OwnedRecord[],
  served: Set<string>,
  { hasTime }: Invocation,
): Promise<Open<OwnedRecord>> {
  if (records.length === 0) return new Map();
  if (!hasTime()) return new Map(records.map((record) => [record, noTime]));
  const open = await countRejections(deps, records);
  for (const record of records) if (!open.has(record)) served.add(workLaneOf(record));
  return open;
}

/** If a dependency is unavailable, all are open. Any other error is a bug and is thrown. */
async function orAllOpen<Record>(
  records: readonly Record[],
  work: () => Promise<Open<Record>>,
): Promise<Open<Record>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return new Map(records.map((record) => [record, error]));
  }
}

async function tryOwned(
  deps: TryDeps,
  owned: readonly OwnedRecord[],
  served: Set<string>,
  invocation: Invocation,
): Promise<Open<OwnedRecord>> {
  const open = new Map<OwnedRecord, Unavailable>();
  const { receipts, notRead } = await readReceipts(deps, owned, invocation);
  const found = new Map(receipts.map((receipt) => [nameOfPlace(receipt), receipt]));
  const notSettled = await laneByLane(
    receipts.filter(isPlain),
    ({ lane }) => lane,
    (ofLane) => settleReceipts(deps, ofLane),
    invocation.hasTime,
  );
  for (const record of owned) {
    const lane = laneKey(laneOf(record.header));
    const error = notRead.get(lane) ?? (isDecided(found.get(record.name)) && notSettled.get(lane));
    if (error) open.set(record, error);
  }
  const undecided = owned.filter((record) => !open.has(record) && !isDecided(found.get(record.name)));
  const toStore = undecided.map((record) => ({ ...record, found: found.get(record.name) }));
  const fates = await storeAndCount(deps, toStore, invocation.hasTime);
  for (const [index, record] of undecided.entries()) {
    const error = await end(deps, record, fates[index] as Fate, invocation);
    if (error) open.set(record, error);
    else served.add(laneKey(laneOf(record.header)));
  }
  return open;
}

/** Lane by lane if it fails for all together. */
async function readReceipts(
  { lanes }: TryDeps,
  owned: readonly OwnedRecord[],
  { hasTime }: Invocation,
): Promise<{ receipts: readonly Receipt[]; notRead: ReadonlyMap<string, Unavailable> }> {
  const read = (records: readonly OwnedRecord[]) =>
    lanes.receipts(records.map(({ header }) => placeOfRecord(header)));
  try {
    return { receipts: await read(owned), notRead: new Map() };
  } catch (error) {
    const isOfSeveral = new Set(owned.map(({ header }) => laneKey(laneOf(header)))).size > 1;
    if (!(error instanceof Unavailable) || !isOfSeveral) throw error;
  }
  const receipts: Receipt[] = [];
  const work = async (ofLane: readonly OwnedRecord[]) => {
    receipts.push(...(await read(ofLane)));
  };
  const notRead = await retryLaneByLane(owned, ({ header }) => laneOf(header), work, hasTime);
  return { receipts, notRead };
}

/** R3: for such a record nothing else is read or written. */
const isDecided = (receipt: Receipt | undefined): boolean =>
  receipt !== undefined && receipt.state !== 'quarantined' && receipt.state !== 'void';

/** Returns why the record stays open. */
async function end(
  deps: TryDeps,
  record: OwnedRecord,
  fate: Fate,
  invocation: Invocation,
): Promise<Unavailable | undefined> {
  if (fate.outcome === 'open') return fate.error;
  if (fate.outcome === 'failed') return quarantine(deps, record, fate.error, invocation);
  if (fate.outcome === 'counted') {
    const countedMs = deps.clock.now();
    deps.tallies.add([fate.receipt]);
    measureFreshness(deps.meter, record.header, countedMs);
    logCounted(deps, fate.record, { takenMs: invocation.takenMs, countedMs });
  }
  return undefined;
}

/** Late events have no objective: a backfill may come faster than it is stored. */
function measureFreshness(
  meter: TryDeps['meter'],
  { late, receivedAtMs }: OwnedRecord['header'],
  countedMs: number,
): void {
  const waitedMs = countedMs - receivedAtMs;
  if (late) {
    meter.milliseconds(metricNames.lateFreshness, waitedMs);
    return;
  }
  meter.milliseconds(metricNames.freshness, waitedMs);
  meter.count(metricNames.measuredRecords, 1);
  meter.count(metricNames.freshRecords, waitedMs <= inTimeMs.visible ? 1 : 0);
}

async function quarantine(
  deps: TryDeps,
  { header, data }: OwnedRecord,
  error: unknown,
  { hasTime }: Invocation,
): Promise<Unavailable | undefined> {
  if (!hasTime()) return noTime;
  const cause = failureOf(error);
  if (cause.reason === 'failed')
    deps.logger.error('a record makes our own code fail', { ...requestOf(header), header, error });
  try {
    await quarantineRecords(deps, [{ header, data, cause }]);
    return undefined;
  } catch (unavailable) {
    if (!(unavailable instanceof Unavailable)) throw unavailable;
    return unavailable;
  }
}

function logOpen({ logger }: TryDeps, owned: Open<OwnedRecord>, unreadable: Open<UnreadableRecord>): void {
  const [error] = [...owned.values(), ...unreadable.values()];
  if (!error || error === noTime) return;
  logger.warn('a dependency is unavailable; the records are retried', {
    ...errorFields(error),
    records: owned.size + unreadable.size,
    requests: requestsOf([...owned.keys()].map(({ header }) => header)),
  });
}
