// Compares documents with a recount: hours with the pages of counted records, intakes with the receipts. Exact as long as
// the names fit into a document.

import { isDeepStrictEqual } from 'node:util';
import { deltasOf, insertDeltas } from '../../domain/documents/delta.ts';
import { emptyHour, type HourCounts } from '../../domain/documents/hour.ts';
import { addIntake, emptyIntake, type Intake, imbalanceOf } from '../../domain/documents/intake.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { tenantKey } from '../../domain/keys.ts';
import { epochSeconds, floorTo, hourMs, iso } from '../../domain/system/time.ts';
import type { KeptDocument, KeptPage, Owner, Tables } from './tables.ts';

/** What is wrong, and where. */
export type Violation = string;

type Hour = { readonly events: AcceptedEvent[]; ttl: number };

export function auditHours({ pages, hours }: Tables, isCounted: (page: KeptPage) => boolean): Violation[] {
  const recount = new Map<string, Hour>();
  for (const page of pages.filter(isCounted)) {
    for (const event of page.events) {
      const name = hourName({ ...page, hourMs: floorTo(event.timestamp, hourMs) });
      const hour = recount.get(name) ?? { events: [], ttl: 0 };
      recount.set(name, hour);
      hour.events.push(event);
      hour.ttl = Math.max(hour.ttl, page.ttl);
    }
  }
  const documents = new Map(hours.map((document) => [hourName(document), document]));
  const names = new Set([...recount.keys(), ...documents.keys()]);
  return [...names].flatMap((name) => compareHour(name, recount.get(name), documents.get(name)));
}

const hourName = ({ owner, slot, hourMs: at }: { owner: Owner; slot: string; hourMs: number }): string =>
  `${owner}#${slot} ${iso(at)}`;

function compareHour(
  name: string,
  recount: Hour | undefined,
  document: KeptDocument<'hour', HourCounts> | undefined,
): Violation[] {
  if (!document) return [`hour ${name} is not there, and pages hold ${recount?.events.length} events of it`];
  if (!recount) return [`hour ${name} counts ${document.content.total.count}, and no page holds any of it`];
  const hour = emptyHour();
  insertDeltas(hour, deltasOf(recount.events).values());
  const exact = ['total', 'minutes', 'byType', 'byService', 'distinctUsers'] as const;
  const wrong = exact
    .filter((field) => !isDeepStrictEqual(hour[field], document.content[field]))
    .map(
      (field) =>
        `hour ${name} has another ${field} than its pages: ${render(document.content[field])}, not ${render(hour[field])}`,
    );
  if (epochSeconds(document.expiresAtMs) !== recount.ttl)
    wrong.push(`hour ${name} expires at another time than its latest page`);
  return [...wrong, ...compareTopUsers(name, recount.events, document.content)];
}

/** The true count of every user is between the listed one and that plus `error`. */
function compareTopUsers(
  name: string,
  events: readonly AcceptedEvent[],
  { topUsers }: HourCounts,
): Violation[] {
  const truth = Map.groupBy(events, ({ user_id }) => user_id);
  const users = new Set([...truth.keys(), ...topUsers.counts.keys()].filter((user) => user !== undefined));
  return [...users].flatMap((user) => {
    const [count, listed] = [truth.get(user)?.length ?? 0, topUsers.counts.get(user) ?? 0];
    const isWithin = listed <= count && count <= listed + topUsers.error;
    return isWithin ? [] : [`hour ${name} lists ${listed} (+${topUsers.error}) of a user who sent ${count}`];
  });
}

const render = (value: unknown): string => {
  if (value instanceof Uint8Array) return 'a sketch';
  if (value instanceof Map || value instanceof Float64Array) return render([...value]);
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner} millionths` : inner));
};

/** By account and hour of receipt, over all slots, because a receipt has no slot. */
export function auditIntakes({ receipts, intakes }: Tables): Violation[] {
  const recount = new Map<string, Intake>();
  const documents = new Map<string, Intake>();
  const add = (to: Map<string, Intake>, name: string, intake: Intake) =>
    to.set(name, addIntake(to.get(name) ?? emptyIntake, intake));
  for (const { tenant, state, accepted, stored, duplicates, conflicts, receivedAtMs } of receipts) {
    const name = `${tenantKey(tenant)} ${iso(floorTo(receivedAtMs, hourMs))}`;
    const quarantined = state === 'counted' ? 0 : accepted;
    add(recount, name, { received: accepted, stored, duplicates, conflicts, quarantined, bytes: 0 });
  }
  for (const { owner, hourMs: at, content } of intakes)
    add(documents, `${owner} ${iso(at)}`, { ...content, bytes: 0 });
  const names = new Set([...recount.keys(), ...documents.keys()]);
  const differing = [...names].flatMap((name) => {
    const [expected, actual] = [recount.get(name), documents.get(name)];
    return isDeepStrictEqual(expected, actual)
      ? []
      : [`intake ${name} is ${render(actual)}, and its receipts make ${render(expected)}`];
  });
  const unbalanced = intakes
    .filter(({ content }) => imbalanceOf(content) !== 0)
    .map(
      ({ owner, hourMs: at, content }) => `intake ${owner} ${iso(at)} does not add up: ${render(content)}`,
    );
  return [...differing, ...unbalanced];
}
