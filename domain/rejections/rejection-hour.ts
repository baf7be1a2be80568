// The rejections that a tenant had in one hour, by code, field, API key and client. Bounded: of what is past its caps only
// the code is told, so that counts by code are always exact.

import { otherName } from '../documents/names.ts';
import type { RecordId } from '../record/record-id.ts';
import { packText, unpackText } from '../system/packed-text.ts';
import { dayMs, floorTo, hourMs } from '../system/time.ts';
import type { RejectionName } from './kept-events.ts';
import { nameOf, type RejectionSample, type RequestRejections } from './request-rejections.ts';

export type RejectionGroup = RejectionName & {
  readonly keyId: string;
  readonly client: string;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
};

/** `version` 0: it does not exist yet. */
export type RejectionHour = {
  readonly startMs: number;
  readonly version: number;
  readonly groups: readonly RejectionGroup[];
};

/** A record of rejections whose account is known. */
export type RejectionRecord = {
  readonly record: RecordId;
  readonly receivedAtMs: number;
  readonly requestId: string;
  readonly rejections: RequestRejections;
};

/** Some 20 KB at worst, and usually some 100 bytes. */
export const mostGroups = 64;
/** A client that makes up names of fields fills those of its code, and leaves room to others. */
export const mostGroupsOfCode = 24;

export const rejectionsKeptMs = 31 * dayMs;
/** Of an hour, its samples, and the guard of each record in it: nothing is counted that the guard does not outlast. */
export const rejectionsExpireAtMs = (receivedAtMs: number): number =>
  floorTo(receivedAtMs, hourMs) + hourMs + rejectionsKeptMs;

export const hourOf = ({ receivedAtMs }: Pick<RejectionRecord, 'receivedAtMs'>): number =>
  floorTo(receivedAtMs, hourMs);

export type SeenSample = RejectionSample & { readonly seenAtMs: number };

/** What counting records changes. The hours are those of the records, as they were read. */
export function countInto(
  read: readonly RejectionHour[],
  records: readonly RejectionRecord[],
): { readonly hours: readonly RejectionHour[]; readonly samples: readonly SeenSample[] } {
  const samples = new Map<string, SeenSample>();
  const hours = read.map((hour) => {
    const own = records.filter((record) => hourOf(record) === hour.startMs);
    const groups = new Map(hour.groups.map((group) => [groupName(group), group]));
    for (const record of own) addRecord(groups, samples, record);
    return { ...hour, groups: [...groups.values()] };
  });
  return { hours, samples: [...samples.values()] };
}

function addRecord(
  groups: Map<string, RejectionGroup>,
  samples: Map<string, SeenSample>,
  { receivedAtMs, rejections: { keyId, client, counts, samples: shown } }: RejectionRecord,
): void {
  const kept = new Set<string>();
  for (const { code, field, count } of counts) {
    const own = { code, field, keyId, client };
    const name = groups.has(groupName(own)) || hasRoom(groups, code) ? own : otherOf(code);
    if (name === own) kept.add(nameOf(own));
    const once = { ...name, count, firstMs: receivedAtMs, lastMs: receivedAtMs };
    groups.set(groupName(name), mergeGroups(groups.get(groupName(name)), once));
  }
  for (const sample of shown) {
    const name = nameOf(sample);
    // One for each name that the hour has, so that there are no more of them than that.
    if (kept.has(name) && receivedAtMs >= (samples.get(name)?.seenAtMs ?? 0))
      samples.set(name, { ...sample, seenAtMs: receivedAtMs });
  }
}

export const otherOf = (code: string) => ({ code, field: otherName, keyId: otherName, client: otherName });

type GroupName = Pick<RejectionGroup, 'code' | 'field' | 'keyId' | 'client'>;
export const groupName = ({ code, field, keyId, client }: GroupName): string =>
  JSON.stringify([code, field, keyId, client]);

/** The caps apply on insertion only. `(other)` of each code has room beside them. */
function hasRoom(groups: ReadonlyMap<string, RejectionGroup>, code: string): boolean {
  if (groups.size >= mostGroups) return false;
  let ofCode = 0;
  for (const group of groups.values()) if (group.code === code) ofCode += 1;
  return ofCode < mostGroupsOfCode;
}

export const mergeGroups = (one: RejectionGroup | undefined, other: RejectionGroup): RejectionGroup =>
  one
    ? {
        ...one,
        count: one.count + other.count,
        firstMs: Math.min(one.firstMs, other.firstMs),
        lastMs: Math.max(one.lastMs, other.lastMs),
      }
    : other;

const maxWireBytes = 1024 * 1024;

export const groupsToBytes = (groups: readonly RejectionGroup[]): Uint8Array =>
  packText(
    JSON.stringify(
      groups.map(({ code, field, keyId, client, count, firstMs, lastMs }) => [
        ...[code, field, keyId, client],
        ...[count, firstMs, lastMs - firstMs],
      ]),
    ),
    1,
  );

type Row = readonly [string, string, string, string, number, number, number];

export const groupsFromBytes = (bytes: Uint8Array): RejectionGroup[] =>
  (JSON.parse(unpackText(bytes, maxWireBytes).toString()) as readonly Row[]).map(
    ([code, field, keyId, client, count, firstMs, spanMs]) => ({
      ...{ code, field, keyId, client, count, firstMs },
      lastMs: firstMs + spanMs,
    }),
  );
