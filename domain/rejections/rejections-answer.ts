// The answer to GET /v1/rejections: groups of rejections, the greatest first, with a count for each day, and a sample for
// each code and field that is listed.

import type { Tenant } from '../keys.ts';
import { dayMs, floorTo, iso } from '../system/time.ts';
import type { RejectionName } from './kept-events.ts';
import type { KeptRequest, ReadHours, RejectionRange } from './port.ts';
import { groupName, mergeGroups, otherOf, type RejectionGroup, type SeenSample } from './rejection-hour.ts';
import { nameOf } from './request-rejections.ts';

/** Equalities. Absent: any. */
export type RejectionFilter = {
  readonly code?: string;
  readonly field?: string;
  readonly keyId?: string;
  readonly client?: string;
};

/** As many samples are read with them, in one call. */
export const mostListed = 100;

type DailyGroup = { readonly group: RejectionGroup; readonly daily: readonly number[] };

export type ListedRejections = {
  readonly range: RejectionRange;
  readonly total: number;
  readonly groups: readonly DailyGroup[];
};

/** Of the hours that were read. Groups past the most that are listed are told by their code. */
export function listRejections(
  { hours, fromMs }: ReadHours,
  { toMs }: RejectionRange,
  filter: RejectionFilter,
): ListedRejections {
  const firstDayMs = floorTo(fromMs, dayMs);
  const days = Math.ceil((toMs - firstDayMs) / dayMs);
  const merged = new Map<string, { group: RejectionGroup; readonly daily: number[] }>();
  let total = 0;
  for (const { startMs, groups } of hours) {
    const day = Math.floor((startMs - firstDayMs) / dayMs);
    for (const group of groups) {
      if (!isSelected(group, filter)) continue;
      total += group.count;
      const name = groupName(group);
      const found = merged.get(name);
      const daily = found?.daily ?? new Array<number>(days).fill(0);
      daily[day] = (daily[day] ?? 0) + group.count;
      merged.set(name, { group: mergeGroups(found?.group, group), daily });
    }
  }
  return { range: { fromMs, toMs }, total, groups: greatest([...merged.values()]) };
}

function isSelected(group: RejectionGroup, filter: RejectionFilter): boolean {
  const { code = group.code, field = group.field, keyId = group.keyId, client = group.client } = filter;
  return code === group.code && field === group.field && keyId === group.keyId && client === group.client;
}

function greatest(groups: readonly DailyGroup[]): DailyGroup[] {
  const sorted = groups.toSorted(
    ({ group: one }, { group: other }) =>
      other.count - one.count || other.lastMs - one.lastMs || (groupName(one) < groupName(other) ? -1 : 1),
  );
  const listed = new Map(sorted.slice(0, mostListed).map((each) => [groupName(each.group), each]));
  for (const { group, daily } of sorted.slice(mostListed)) {
    const name = groupName(otherOf(group.code));
    const found = listed.get(name);
    listed.set(name, {
      group: mergeGroups(found?.group, { ...group, ...otherOf(group.code) }),
      daily: daily.map((count, day) => count + (found?.daily[day] ?? 0)),
    });
  }
  return [...listed.values()];
}

/** The names whose samples the answer shows. */
export const namesListed = ({ groups }: ListedRejections): RejectionName[] => [
  ...new Map(
    groups
      .slice(0, mostListed)
      .map(({ group: { code, field } }) => [nameOf({ code, field }), { code, field }]),
  ).values(),
];

export type RejectionsAnswer = ReturnType<typeof rejectionsAnswer>;

export const rejectionsAnswer = (
  { account, environment }: Tenant,
  { range, total, groups }: ListedRejections,
  samples: readonly SeenSample[],
  complete: boolean,
) => ({
  account_id: account,
  environment,
  from: iso(range.fromMs),
  to: iso(range.toMs),
  complete,
  total,
  daily_from: iso(floorTo(range.fromMs, dayMs)),
  rejections: groups.map(({ group, daily }) => ({
    code: group.code,
    ...(group.field !== '' && { field: group.field }),
    key_id: group.keyId,
    client: group.client,
    count: group.count,
    first_seen: iso(group.firstMs),
    last_seen: iso(group.lastMs),
    daily,
  })),
  samples: samples
    .toSorted((one, other) => other.seenAtMs - one.seenAtMs)
    .map(({ code, field, message, event, seenAtMs }) => ({
      code,
      ...(field !== '' && { field }),
      message,
      ...(event !== undefined && { event: JSON.parse(event) as unknown }),
      seen_at: iso(seenAtMs),
    })),
});

export type KeptAnswer = ReturnType<typeof keptAnswer>;

/** Each `event` can be corrected and sent as it is. */
export const keptAnswer = (
  { account, environment }: Tenant,
  requests: readonly KeptRequest[],
  nextCursor: string | undefined,
) => ({
  account_id: account,
  environment,
  requests: requests.map(({ requestId, receivedAtMs, expiresAtMs, keyId, client, events, leftOut }) => ({
    request_id: requestId,
    received_at: iso(receivedAtMs),
    expires_at: iso(expiresAtMs),
    key_id: keyId,
    client,
    left_out: leftOut,
    events: events.map(({ code, field, message, event }) => ({
      code,
      ...(field !== '' && { field }),
      message,
      event,
    })),
  })),
  ...(nextCursor !== undefined && { next_cursor: nextCursor }),
});
