// Compares what clients see, receipts, summaries, series and searches, with the books and the tables.

import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Receipt } from '../../domain/counting/receipt.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { decimalOf, scaledOf } from '../../domain/event/value.ts';
import type { Series } from '../../domain/reading/series.ts';
import type { Summary } from '../../domain/reading/summary.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { floorTo, hourMs, iso } from '../../domain/system/time.ts';
import type { RunningWeir } from '../../local/weir.ts';
import type { Violation } from './audit-runs.ts';
import type { LedgerOfTruth } from './ledger-of-truth.ts';
import type { Senders } from './senders.ts';
import { readTables, type Tables } from './tables.ts';

const requestsAtOnce = 4;
const eventsOfPage = 200;

type View = {
  readonly twin: RunningWeir;
  readonly books: LedgerOfTruth;
  readonly senders: Senders;
  readonly plan: { readonly accounts: readonly string[] };
};

/** Over the window that holds all events of a storm. */
export async function summaryOf(senders: Senders, account: string): Promise<Summary> {
  const { status, json } = await senders.apiOf(account).get(`/v1/accounts/${account}/summary?window=30d`);
  if (status !== 200) throw new Error(`A summary was answered ${status}: ${JSON.stringify(json)}`);
  return json;
}

export async function askReceipts({ books, senders, twin }: View): Promise<readonly Violation[]> {
  const wrong: Violation[] = [];
  await mapBounded(books.accepted, requestsAtOnce, async ({ account, receiptPath, events }) => {
    const { json } = await senders.apiOf(account).get(receiptPath);
    const sum = json.stored + json.duplicates + json.conflicts + json.quarantined;
    if (json.status !== 'stored' || json.accepted !== events.length || sum !== events.length)
      wrong.push(`the receipt ${receiptPath} of ${events.length} events says ${JSON.stringify(json)}`);
  });
  const { imbalance } = (await twin.invoke('report', {})) as { imbalance: number };
  return imbalance === 0 ? wrong : [...wrong, `the report finds an imbalance of ${imbalance}`];
}

/** Each read folds a few days, and the next one uses the folds. So many reads fold all days of a storm. */
const readsOfAll = 7;

export const askForAllDays = (view: View): Promise<readonly Violation[]> => askSummaries(view, readsOfAll);

export async function askSummaries({ twin, senders, plan }: View, reads = 2): Promise<readonly Violation[]> {
  const tables = await readTables(twin);
  const wrong: Violation[] = [];
  await mapBounded(plan.accounts, requestsAtOnce, async (account) => {
    const events = eventsOf(tables, account);
    const expected = recountOf(tables, account, events);
    for (let read = 0; read < reads; read += 1) {
      const shown = figuresOf(await summaryOf(senders, account));
      if (!isDeepStrictEqual(shown, expected))
        wrong.push(
          `the summary of ${account} says ${JSON.stringify(shown)}, not ${JSON.stringify(expected)}`,
        );
    }
    wrong.push(
      ...(await askCsv(senders, account, expected)),
      ...(await askSeries(senders, account, events)),
      ...(await askSearch(senders, account, events)),
    );
  });
  return wrong;
}

/** The names of a storm need no quotes. */
async function askCsv(
  senders: Senders,
  account: string,
  { total, types, services, users }: Figures,
): Promise<readonly Violation[]> {
  const path = `/v1/accounts/${account}/summary?window=30d&format=csv`;
  const rows = String((await senders.apiOf(account).get(path)).json)
    .split('\r\n')
    .map((line) => line.split(','));
  const shown = (list: string) =>
    rows.filter(([of]) => of === list).map(([, name, count]) => `${name} ${count}`.trim());
  const differs = [
    isDeepStrictEqual(shown('total'), [String(total)]),
    isDeepStrictEqual(shown('by_type').toSorted(), types),
    isDeepStrictEqual(shown('by_service').toSorted(), services),
    isDeepStrictEqual(shown('top_users').toSorted(), users),
  ].includes(false);
  return differs ? [`the table of ${account} says ${JSON.stringify(rows)}`] : [];
}

/** By the hour, over the window of the summaries. */
async function askSeries(
  senders: Senders,
  account: string,
  events: readonly AcceptedEvent[],
): Promise<readonly Violation[]> {
  const { from, to } = await summaryOf(senders, account);
  const path = `/v1/accounts/${account}/series?interval=hour&from=${from}&to=${to}`;
  const { status, json } = await senders.apiOf(account).get(path);
  if (status !== 200) return [`a series of ${account} was answered ${status}: ${JSON.stringify(json)}`];
  const { points } = json as Series;
  const shown = points.filter(({ count }) => count > 0);
  const recount = [...Map.groupBy(events, ({ timestamp }) => iso(floorTo(timestamp, hourMs)))]
    .map(([hour, own]) => {
      const values = own.reduce((sum, { value }) => sum + scaledOf(value ?? 0), 0n);
      return { from: hour, count: own.length, ...(json.sum !== undefined && { sum: decimalOf(values) }) };
    })
    .toSorted((a, b) => (a.from < b.from ? -1 : 1));
  return isDeepStrictEqual(shown, recount)
    ? []
    : [`a series of ${account} says ${JSON.stringify(shown)}, not ${JSON.stringify(recount)}`];
}

/** All events, page by page. */
async function askSearch(
  senders: Senders,
  account: string,
  events: readonly AcceptedEvent[],
): Promise<readonly Violation[]> {
  const shown: string[] = [];
  let cursor = '';
  do {
    const path = `/v1/events?limit=${eventsOfPage}${cursor && `&cursor=${cursor}`}`;
    const { status, json } = await senders.apiOf(account).get(path);
    // More than an account may ask for in a second.
    if (status === 429) await sleep(Number(json.retry_after) * 1000);
    else if (status !== 200)
      return [`a search of ${account} was answered ${status}: ${JSON.stringify(json)}`];
    else {
      shown.push(...json.events.map(({ event_id }: { readonly event_id: string }) => event_id));
      cursor = json.next_cursor ?? '';
    }
  } while (cursor !== '');
  const stored = new Set(events.map(({ event_id }) => event_id));
  const times = new Map([...Map.groupBy(shown, (id) => id)].map(([id, own]) => [id, own.length]));
  const differing = [...stored.union(new Set(shown))].filter((id) => times.get(id) !== 1 || !stored.has(id));
  return differing.length === 0
    ? []
    : [
        `a search of ${account} shows other events than are stored, or some twice: ${differing.slice(0, 9).join(', ')}`,
      ];
}

type Figures = Pick<Summary, 'total' | 'duplicates' | 'conflicts' | 'distinct_users'> & {
  readonly types: readonly string[];
  readonly services: readonly string[];
  readonly users: readonly string[];
};

/** Exact, because a storm has few users. */
const figuresOf = (summary: Summary): Figures => ({
  total: summary.total,
  duplicates: summary.duplicates,
  conflicts: summary.conflicts,
  distinct_users: summary.distinct_users,
  types: summary.by_type.map(({ type, count }) => `${type} ${count}`).toSorted(),
  services: summary.by_service.map(({ service, count }) => `${service} ${count}`).toSorted(),
  users: summary.top_users.map(({ user_id, count }) => `${user_id} ${count}`).toSorted(),
});

const countedOf = ({ receipts }: Tables, account: string): readonly Receipt[] =>
  receipts.filter(({ lane, state }) => lane.tenant.account === account && state === 'counted');

function eventsOf(tables: Tables, account: string): readonly AcceptedEvent[] {
  const isOwn = ({ owner }: { readonly owner: string }) => owner.startsWith(`${account}#`);
  const counted = new Set(countedOf(tables, account).map(({ record }) => record));
  return tables.pages
    .filter((page) => isOwn(page) && counted.has(page.record))
    .flatMap((page) => page.events);
}

function recountOf(tables: Tables, account: string, events: readonly AcceptedEvent[]): Figures {
  const own = countedOf(tables, account);
  const by = (nameOf: (event: AcceptedEvent) => string | undefined): readonly string[] =>
    [...Map.groupBy(events, nameOf)]
      .filter(([name]) => name !== undefined)
      .map(([name, some]) => `${name} ${some.length}`)
      .toSorted();
  const sum = (of: (receipt: Receipt) => number) => own.reduce((total, receipt) => total + of(receipt), 0);
  const users = by(({ user_id }) => user_id);
  return {
    total: events.length,
    duplicates: sum(({ duplicates }) => duplicates),
    conflicts: sum(({ conflicts }) => conflicts),
    distinct_users: users.length,
    types: by(({ type }) => type),
    services: by(({ service }) => service),
    users,
  };
}
