// Compares what tally found on the streams with the receipts: of what was acknowledged, all must have an outcome. It reads
// the sheets that are open, and closes those whose records are all decided, so that each record is read once as a rule. What
// has no outcome stays open until it has one, however late that is.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Generations } from '../../domain/accounts/port.ts';
import type { Lanes } from '../../domain/counting/port.ts';
import { tenantKey } from '../../domain/keys.ts';
import { nameOfPlace, type RecordName } from '../../domain/record/record-id.ts';
import type { Clock } from '../../domain/system/port.ts';
import { iso } from '../../domain/system/time.ts';
import { eventsWithoutOutcome, isDecided, type Outcome, readOutcomes } from '../../domain/tally/outcomes.ts';
import type { TallySheets } from '../../domain/tally/port.ts';
import { inFlightMs, type OpenSheet, type Sheet, type TalliedRecord } from '../../domain/tally/sheet.ts';

export type ReconcileDeps = {
  readonly sheets: Pick<TallySheets, 'open' | 'find' | 'close'>;
  readonly lanes: Pick<Lanes, 'receipts' | 'tail'>;
  readonly generations: Generations;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
};

/** `missing`: events, acknowledged more than 15 minutes ago. `inFlight`: records of any age. */
export type Reconciled = { readonly missing: number; readonly inFlight: number };

const recordsAtOnce = 5000;
/** So many names fit into the memory of the function. With more, the rest is in flight without a look. */
const mostWithoutOutcome = 200_000;
const mostLogged = 20;
const mostNamed = 5;

type Missing = { readonly sheet: Sheet; readonly record: TalliedRecord; readonly events: number };

class Reconciler {
  readonly #deps: ReconcileDeps;
  readonly #nowMs: number;
  /** Of records without an outcome: one that the stream holds twice is on two sheets. */
  readonly #seen = new Set<RecordName>();
  readonly missing: Missing[] = [];
  inFlight = 0;

  constructor(deps: ReconcileDeps) {
    this.#deps = deps;
    this.#nowMs = deps.clock.now();
  }

  get isFull(): boolean {
    return this.#seen.size >= mostWithoutOutcome;
  }

  async look(open: readonly OpenSheet[]): Promise<void> {
    const sheets = await this.#deps.sheets.find(open);
    const outcomes = await readOutcomes(
      this.#deps.lanes,
      sheets.flatMap(({ tallied }) => tallied),
    );
    const isWrong = (record: TalliedRecord) =>
      eventsWithoutOutcome(record, outcomes.get(nameOfPlace(record))) !== 0;
    const wrong = new Map(sheets.map((sheet) => [sheet, sheet.tallied.filter(isWrong)]));
    const dropped = await this.#dropped([...wrong.values()].flat());
    for (const [sheet, records] of wrong) {
      const left = records.filter((record) => !dropped(record));
      wrong.set(sheet, left);
      for (const record of left) this.#note(sheet, record, outcomes.get(nameOfPlace(record)));
    }
    const decided = sheets.filter((sheet) => wrong.get(sheet)?.length === 0);
    if (decided.length > 0) await this.#deps.sheets.close(decided);
  }

  #note(sheet: Sheet, record: TalliedRecord, outcome: Outcome | undefined): void {
    const name = nameOfPlace(record);
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    if (!isDecided(outcome)) this.inFlight += 1;
    if (sheet.arrivedToMs > this.#nowMs - inFlightMs) return;
    this.missing.push({ sheet, record, events: Math.abs(eventsWithoutOutcome(record, outcome)) });
  }

  /** Records of an older generation than their account's get no receipt. */
  async #dropped(records: readonly TalliedRecord[]): Promise<(record: TalliedRecord) => boolean> {
    const accounts = new Set(records.map(({ lane }) => lane.tenant.account));
    if (accounts.size === 0) return () => false;
    const generations = await this.#deps.generations.find([...accounts]);
    return ({ lane: { tenant } }) => tenant.generation < (generations.get(tenant.account) ?? 0);
  }
}

/** Without time for all, those that arrived last are in flight without a look. */
export async function reconcile(deps: ReconcileDeps, mayGoOn: () => boolean): Promise<Reconciled> {
  const reconciler = new Reconciler(deps);
  let unread = 0;
  for await (const open of inPortions(deps.sheets.open()))
    if (mayGoOn() && !reconciler.isFull) await reconciler.look(open);
    else unread += open.reduce((sum, { records }) => sum + records, 0);
  if (unread > 0) deps.logger.warn('there was no time to compare all of the tally', { unread });
  logMissing(deps, reconciler.missing);
  const missing = reconciler.missing.reduce((sum, { events }) => sum + events, 0);
  return { missing, inFlight: reconciler.inFlight + unread };
}

async function* inPortions(sheets: AsyncIterable<OpenSheet>): AsyncGenerator<OpenSheet[]> {
  let portion: OpenSheet[] = [];
  let records = 0;
  for await (const sheet of sheets) {
    portion.push(sheet);
    // A sheet of unreadable records has none.
    records += sheet.records + 1;
    if (records < recordsAtOnce) continue;
    yield portion;
    portion = [];
    records = 0;
  }
  if (portion.length > 0) yield portion;
}

/** A line for each environment, with the first of its records. */
function logMissing({ logger }: ReconcileDeps, missing: readonly Missing[]): void {
  const byTenant = Map.groupBy(missing, ({ record }) => tenantKey(record.lane.tenant));
  for (const ofTenant of [...byTenant.values()].slice(0, mostLogged)) {
    const [first] = ofTenant;
    if (!first) continue;
    logger.error('acknowledged events have no outcome', {
      ...first.record.lane.tenant,
      records: ofTenant.length,
      events: ofTenant.reduce((sum, { events }) => sum + events, 0),
      since: iso(first.sheet.arrivedToMs),
      first: ofTenant.slice(0, mostNamed).map(({ record }) => record.record),
    });
  }
}
