// Compares documents with a recount: hours with the events of the records that they must hold, intakes with the receipts
// of these, days with all their hours. Exact as long as the names fit into a document.

import { isDeepStrictEqual } from 'node:util';
import { isSlow, type Receipt } from '../../domain/counting/receipt.ts';
import { deltasOf, insertDeltas } from '../../domain/documents/delta.ts';
import { emptyHour, type HourCounts } from '../../domain/documents/hour.ts';
import { addIntake, emptyIntake, type Intake, imbalanceOf } from '../../domain/documents/intake.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { laneKey, tenantKey } from '../../domain/keys.ts';
import { nameOfPlace } from '../../domain/record/record-id.ts';
import { dayMs, epochSeconds, floorTo, hourMs, iso } from '../../domain/system/time.ts';
import { type IsHeld, isHeldBy, type Violation } from './audit-runs.ts';
import type { HoursOfDay, KeptDay, KeptDocument, LaneName, Tables } from './tables.ts';

type Hour = {
  readonly lane: LaneName;
  readonly hourMs: number;
  readonly events: AcceptedEvent[];
  ttl: number;
};
type HourDocument = KeptDocument<'hour', HourCounts>;

export function auditDocuments(tables: Tables): Violation[] {
  const isHeld = isHeldBy(tables);
  const recount = recountHours(tables, isHeld);
  return [
    ...auditHours(tables, recount),
    ...auditIntakes(tables, isHeld),
    ...tables.days.flatMap((day) => auditDay(tables, recount, day)),
    ...tables.hoursOfDays.flatMap((day) => auditHoursOfDay(tables, recount, day)),
  ];
}

const hourName = ({ lane, hourMs: at }: { lane: LaneName; hourMs: number }): string => `${lane} ${iso(at)}`;

/** The events that each hour document must hold, from the pages of counted records. */
function recountHours({ pages, receipts, hours }: Tables, isHeld: IsHeld): Map<string, Hour> {
  const counted = new Map<string, Receipt>(
    receipts.filter(({ state }) => state === 'counted').map((receipt) => [nameOfPlace(receipt), receipt]),
  );
  const foldedTo = new Map(hours.map((document) => [hourName(document), document.foldedTo]));
  const recount = new Map<string, Hour>();
  for (const page of pages) {
    const receipt = counted.get(`${page.owner}#${page.record}`);
    if (!receipt) continue;
    for (const event of page.events) {
      const place = { lane: laneKey(receipt.lane), hourMs: floorTo(event.timestamp, hourMs) };
      const name = hourName(place);
      if (!isHeld(receipt, foldedTo.get(name) ?? '')) continue;
      const hour = recount.get(name) ?? { ...place, events: [], ttl: 0 };
      recount.set(name, hour);
      hour.events.push(event);
      hour.ttl = Math.max(hour.ttl, page.ttl);
    }
  }
  return recount;
}

function auditHours({ hours }: Tables, recount: ReadonlyMap<string, Hour>): Violation[] {
  const documents = new Map(hours.map((document) => [hourName(document), document]));
  const names = new Set([...recount.keys(), ...documents.keys()]);
  return [...names].flatMap((name) => compareHour(name, recount.get(name), documents.get(name)));
}

function compareHour(
  name: string,
  recount: Hour | undefined,
  document: HourDocument | undefined,
): Violation[] {
  if (!document) return [`hour ${name} is not there, and pages hold ${recount?.events.length} events of it`];
  if (!recount) return [`hour ${name} counts ${document.content.total.count}, and no page holds any of it`];
  const wrong = [
    ...compareCounts(`hour ${name}`, recount.events, document.content, exactOfHours),
    ...compareTopUsers(`hour ${name}`, recount.events, document.content),
  ];
  if (epochSeconds(document.expiresAtMs) !== recount.ttl)
    wrong.push(`hour ${name} expires at another time than its latest page`);
  return wrong;
}

/** The minutes are of an hour. */
const exactOfDays = ['total', 'byType', 'byService', 'distinctUsers'] as const;
const exactOfHours = [...exactOfDays, 'minutes'] as const;
const exactOfHoursOfDays = ['total', 'byType', 'byService', 'minutes'] as const;

function compareCounts(
  what: string,
  events: readonly AcceptedEvent[],
  content: HourCounts,
  exact: readonly (keyof HourCounts)[],
): Violation[] {
  const expected = emptyHour();
  insertDeltas(expected, deltasOf(events).values());
  const wrong = exact
    .filter((field) => !isDeepStrictEqual(expected[field], content[field]))
    .map(
      (field) =>
        `${what} has another ${field} than its pages: ${render(content[field])}, not ${render(expected[field])}`,
    );
  return wrong;
}

/** The true count of every user is between the listed one and that plus `error`. */
function compareTopUsers(
  what: string,
  events: readonly AcceptedEvent[],
  { topUsers }: HourCounts,
): Violation[] {
  const truth = Map.groupBy(events, ({ user_id }) => user_id);
  const users = new Set([...truth.keys(), ...topUsers.counts.keys()].filter((user) => user !== undefined));
  return [...users].flatMap((user) => {
    const [count, listed] = [truth.get(user)?.length ?? 0, topUsers.counts.get(user) ?? 0];
    const isWithin = listed <= count && count <= listed + topUsers.error;
    return isWithin ? [] : [`${what} lists ${listed} (+${topUsers.error}) of a user who sent ${count}`];
  });
}

const render = (value: unknown): string => {
  if (value instanceof Uint8Array) return 'a sketch';
  if (value instanceof Map || value instanceof Float64Array) return render([...value]);
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner} millionths` : inner));
};

/** What a receipt adds to the intake of the hour in which its record was received. */
function intakeOf(receipt: Receipt): Intake {
  const { state, accepted, stored, duplicates, conflicts, bytes } = receipt;
  if (state === 'void') return emptyIntake;
  const quarantined = state === 'counted' ? 0 : accepted;
  const slow = Number(isSlow(receipt));
  return { received: accepted, stored, duplicates, conflicts, quarantined, records: 1, bytes, slow };
}

function auditIntakes({ receipts, intakes }: Tables, isHeld: IsHeld): Violation[] {
  const documents = new Map(intakes.map((document) => [hourName(document), document]));
  const recount = new Map<string, Intake>();
  for (const receipt of receipts) {
    const name = hourName({ lane: laneKey(receipt.lane), hourMs: floorTo(receipt.receivedAtMs, hourMs) });
    if (receipt.state === 'void' || !isHeld(receipt, documents.get(name)?.foldedTo ?? '')) continue;
    recount.set(name, addIntake(recount.get(name) ?? emptyIntake, intakeOf(receipt)));
  }
  const names = new Set([...recount.keys(), ...documents.keys()]);
  const differing = [...names].flatMap((name) => {
    const [expected, actual] = [recount.get(name), documents.get(name)?.content];
    return isDeepStrictEqual(expected, actual)
      ? []
      : [`intake ${name} is ${render(actual)}, and its receipts make ${render(expected)}`];
  });
  const unbalanced = intakes
    .filter(({ content }) => imbalanceOf(content) !== 0)
    .map((document) => `intake ${hourName(document)} does not add up: ${render(document.content)}`);
  return [...differing, ...unbalanced];
}

function auditDay(tables: Tables, recount: ReadonlyMap<string, Hour>, day: KeptDay<HourCounts>): Violation[] {
  const what = `day ${day.owner} ${iso(day.dayMs)}`;
  const held = eventsOfDay(tables, recount, day, what);
  if (!held) return [];
  // As of one hour, because the counts of all hours are to be added up.
  const asOfOne = held.events.map((event) => ({ ...event, timestamp: day.dayMs }));
  return [
    ...held.wrong,
    ...compareCounts(what, asOfOne, day.content, exactOfDays),
    ...compareTopUsers(what, asOfOne, day.content),
  ];
}

function auditHoursOfDay(
  tables: Tables,
  recount: ReadonlyMap<string, Hour>,
  day: KeptDay<HoursOfDay>,
): Violation[] {
  const what = `hours of day ${day.owner} ${iso(day.dayMs)}`;
  const held = eventsOfDay(tables, recount, day, what);
  if (!held) return [];
  const byHour = Map.groupBy(
    held.events,
    ({ timestamp }) => (floorTo(timestamp, hourMs) - day.dayMs) / hourMs,
  );
  const hours = [...new Set([...byHour.keys(), ...day.content.keys()])];
  return [
    ...held.wrong,
    ...hours.flatMap((hour) =>
      compareCounts(
        `${what}, hour ${hour},`,
        byHour.get(hour) ?? [],
        day.content.get(hour) ?? emptyHour(),
        exactOfHoursOfDays,
      ),
    ),
  ];
}

/** Undefined of a day whose mark has risen since: nobody reads it. */
function eventsOfDay(
  tables: Tables,
  recount: ReadonlyMap<string, Hour>,
  { owner, dayMs: startMs, mark, slots, foldedTo }: KeptDay<unknown>,
  what: string,
) {
  const isOfDay = (each: { readonly owner: string; readonly dayMs: number }) =>
    each.owner === owner && each.dayMs === startMs;
  const { times = 0 } = tables.marks.find(isOfDay) ?? {};
  if (mark !== times) return undefined;
  const ends = new Map(
    Array.from({ length: slots }, (_, slot) => `${owner}#${slot}`)
      .flatMap((live) => [live, `${live}#late`])
      .map((lane, index) => [lane, foldedTo[index] ?? '']),
  );
  const isIn = ({ lane, hourMs: at }: { lane: LaneName; hourMs: number }) =>
    ends.has(lane) && floorTo(at, dayMs) === startMs;
  const wrong = tables.hours
    .filter((hour) => isIn(hour) && hour.foldedTo > (ends.get(hour.lane) ?? ''))
    .map((hour) => `${what} does not know the last run of its hour ${hourName(hour)}`);
  return { wrong, events: [...recount.values()].filter(isIn).flatMap((hour) => hour.events) };
}

/** What the documents and the receipts that wait say of each tenant together. */
export function intakesOf(tables: Tables): Map<string, Intake> {
  const isHeld = isHeldBy(tables);
  const documents = new Map(tables.intakes.map((document) => [hourName(document), document]));
  const sums = new Map<string, Intake>();
  const add = (owner: string, intake: Intake) =>
    sums.set(owner, addIntake(sums.get(owner) ?? emptyIntake, intake));
  for (const { lane, content } of tables.intakes) add(lane.split('#').slice(0, 3).join('#'), content);
  for (const receipt of tables.receipts) {
    const name = hourName({ lane: laneKey(receipt.lane), hourMs: floorTo(receipt.receivedAtMs, hourMs) });
    if (!isHeld(receipt, documents.get(name)?.foldedTo ?? ''))
      add(tenantKey(receipt.lane.tenant), intakeOf(receipt));
  }
  return sums;
}
