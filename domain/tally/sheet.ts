// A tally sheet: the records of events that one invocation of tally found on a shard, and that arrived within one quarter of
// an hour. Its name and its content follow from these records alone. So a redelivery writes the same sheet again, one with
// other bounds writes another sheet with records that readers take once, and no sheet ever loses a record.

import { type Lane, laneKey, laneOfStreamKey } from '../keys.ts';
import { seedBytes } from '../record/batch-id.ts';
import {
  nameOfPlace,
  type RecordId,
  type RecordName,
  type RecordPlace,
  splitRecordId,
} from '../record/record-id.ts';
import { inChunks } from '../system/bounded.ts';
import { dayMs, floorTo, minuteMs } from '../system/time.ts';

export const quarterMs = 15 * minuteMs;
export const quarterOf = (instantMs: number): number => floorTo(instantMs, quarterMs);

/** What is older and has no outcome is missing. What is younger is in flight. */
export const inFlightMs = 15 * minuteMs;
/** Longer than a record can wait on a stream and be stored, in any stage. */
export const sheetKeptMs = 9 * dayMs;

/** An acknowledged record, as its header names it. */
export type TalliedRecord = RecordPlace & { readonly events: number };

/** `quarterMs`: the start of the quarter of an hour. */
export type SheetPlace = { readonly quarterMs: number; readonly name: string };

export type SheetAmounts = {
  readonly records: number;
  readonly events: number;
  /** When the last of its records arrived. */
  readonly arrivedToMs: number;
};

export type OpenSheet = SheetPlace & SheetAmounts;

export type Sheet = OpenSheet & {
  readonly tallied: readonly TalliedRecord[];
  /** The sequence numbers of records whose header cannot be read. */
  readonly unreadable: readonly string[];
};

/** A record as the mapping delivers it. Without `record`, its header cannot be read. */
export type ArrivedOnShard = {
  readonly sequenceNumber: string;
  readonly arrivedAtMs: number;
  readonly record?: TalliedRecord;
};

/** An item holds 400 KB. A record takes 20 bytes, and at most 150 if it is alone in its lane. */
const mostRecords = 2500;

/** `shard`: with its stream. */
export function sheetsOf(shard: string, arrived: readonly ArrivedOnShard[]): Sheet[] {
  const byQuarter = Map.groupBy(arrived, ({ arrivedAtMs }) => quarterOf(arrivedAtMs));
  return [...byQuarter].flatMap(([quarterStartMs, all]) =>
    [...inChunks(withoutRepeats(all), mostRecords)].map((some): Sheet => {
      const tallied = some.flatMap(({ record }) => record ?? []);
      const [first, last] = [some[0]?.sequenceNumber, some.at(-1)?.sequenceNumber];
      return {
        quarterMs: quarterStartMs,
        name: `${shard}#${first}-${last}`,
        ...amountsOf(tallied),
        arrivedToMs: Math.max(...some.map(({ arrivedAtMs }) => arrivedAtMs)),
        tallied,
        unreadable: some.flatMap(({ record, sequenceNumber }) => (record ? [] : [sequenceNumber])),
      };
    }),
  );
}

/** Ingest puts a record again if the answer of the stream was lost. */
function withoutRepeats(arrived: readonly ArrivedOnShard[]): ArrivedOnShard[] {
  const seen = new Set<RecordName>();
  return arrived.filter(({ record }) => {
    if (!record) return true;
    const name = nameOfPlace(record);
    const isFirst = !seen.has(name);
    seen.add(name);
    return isFirst;
  });
}

export const amountsOf = (tallied: readonly Pick<TalliedRecord, 'events'>[]) => ({
  records: tallied.length,
  events: tallied.reduce((sum, { events }) => sum + events, 0),
});

// Lane by lane: the length of its key, the key, the number of its records, and of each record
//   1 byte   0, and 15 bytes of the seed, which begins with the time of receipt;
//            or the length of another beginning of a batch id, that text, and 6 bytes of the time of receipt
//   2 bytes  the part
//   2 bytes  the number of events

const timeBytes = 6;

export function packTallied(tallied: readonly TalliedRecord[]): Uint8Array {
  const byLane = Map.groupBy(tallied, ({ lane }) => laneKey(lane));
  return Buffer.concat(
    [...byLane].flatMap(([key, records]) => [packLane(key, records.length), ...records.map(packRecord)]),
  );
}

function packLane(key: string, records: number): Buffer {
  const head = Buffer.alloc(1 + key.length + 2);
  head.writeUInt8(key.length, 0);
  head.write(key, 1, 'latin1');
  head.writeUInt16BE(records, 1 + key.length);
  return head;
}

function packRecord({ record, receivedAtMs, events }: TalliedRecord): Buffer {
  const { seed, part } = splitRecordId(record);
  const raw = Buffer.from(seed, 'base64url');
  const isSeed =
    raw.length === seedBytes &&
    raw.toString('base64url') === seed &&
    raw.readUIntBE(0, timeBytes) === receivedAtMs;
  const name = isSeed ? raw : Buffer.concat([Buffer.from(seed), bytesOfTime(receivedAtMs)]);
  const packed = Buffer.alloc(1 + name.length + 4);
  packed.writeUInt8(isSeed ? 0 : seed.length, 0);
  packed.set(name, 1);
  packed.writeUInt16BE(part, 1 + name.length);
  packed.writeUInt16BE(events, 3 + name.length);
  return packed;
}

function bytesOfTime(instantMs: number): Buffer {
  const bytes = Buffer.alloc(timeBytes);
  bytes.writeUIntBE(instantMs, 0, timeBytes);
  return bytes;
}

export class DamagedSheet extends Error {
  override readonly name = 'DamagedSheet';
  constructor(key: string) {
    super(`A tally sheet names the lane "${key}", which is none. Something else has written it.`);
  }
}

export function unpackTallied(bytes: Uint8Array): TalliedRecord[] {
  const packed = Buffer.from(bytes);
  const tallied: TalliedRecord[] = [];
  let at = 0;
  const take = (count: number) => {
    at += count;
    return packed.subarray(at - count, at);
  };
  while (at < packed.length) {
    const key = take(take(1).readUInt8()).toString('latin1');
    const lane = laneOfStreamKey(key);
    if (!lane) throw new DamagedSheet(key);
    for (let left = take(2).readUInt16BE(); left > 0; left -= 1) tallied.push(unpackRecord(lane, take));
  }
  return tallied;
}

function unpackRecord(lane: Lane, take: (count: number) => Buffer): TalliedRecord {
  const length = take(1).readUInt8();
  const name = take(length === 0 ? seedBytes : length);
  const seed = length === 0 ? name.toString('base64url') : name.toString();
  const receivedAtMs = (length === 0 ? name : take(timeBytes)).readUIntBE(0, timeBytes);
  const record: RecordId = `${seed}.${take(2).readUInt16BE()}`;
  return { lane, record, receivedAtMs, events: take(2).readUInt16BE() };
}
