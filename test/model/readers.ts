// The actors of counting beside the consumer: the schedule that folds runs, and readers. A reader never shows more than is
// counted at its end, or less than was settled at its start.

import { MemoryUse } from '../../adapters/limits/memory-use.ts';
import type { Lanes } from '../../domain/counting/port.ts';
import { isPlain, placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import { beginning } from '../../domain/counting/runs.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { type Lane, laneKey, type Tenant } from '../../domain/keys.ts';
import { boundsOf } from '../../domain/reading/summary.ts';
import { iso, minuteMs } from '../../domain/system/time.ts';
import { foldRun } from '../../lambdas/counting/fold-run.ts';
import { toContext } from '../../lambdas/edge/caller.ts';
import type { HttpRequest } from '../../lambdas/edge/http.ts';
import { summaryLimits } from '../../lambdas/read/read-window.ts';
import { readSeries, readSeriesQuestion } from '../../lambdas/read/series.ts';
import { readSummary, readSummaryQuestion } from '../../lambdas/read/summary.ts';
import { readHoursOf } from '../support/read-hours.ts';
import { callerLimits } from '../support/requests.ts';
import { actorPorts } from './actor-ports.ts';
import { contested, expectOnlyUnavailable, telemetryOf } from './functions.ts';
import { type AcceptedRecord, tenants } from './records.ts';
import type { Actor } from './scheduler.ts';
import { limits, type World } from './world.ts';

/** Longer than theirs, so that they may be stalled. */
const timeoutSeconds = 900;

export const everyHour = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } as const;

/** As the schedule folds a lane, but what fails is not only logged. */
export async function fold(world: World, lane: Lane): Promise<Actor> {
  const actor = world.addActor(`fold ${laneKey(lane)}`, timeoutSeconds);
  const { lanes } = actorPorts(world, actor);
  const deps = { lanes, limits, clock: world.clock, pauses: { contested }, ...telemetryOf(world) };
  await world.scheduler.start(actor, () => expectOnlyUnavailable(world, actor, foldRun(deps, lane)));
  return actor;
}

export async function read(world: World, lane: Lane): Promise<Actor> {
  const actor = world.addActor(`read ${laneKey(lane)}`, timeoutSeconds);
  const deps = actorPorts(world, actor);
  const expectation = new Expectation(world, () => world.recordsOf(lane));
  const work = async () => {
    const { hours, intakes } = await readHoursOf(deps, lane, everyHour);
    expectation.check(
      actor,
      [...hours.values()].reduce((sum, { total }) => sum + total.count, 0),
    );
    expectation.check(
      actor,
      [...intakes.values()].reduce((sum, { stored }) => sum + stored, 0),
    );
    return 'done';
  };
  await world.scheduler.start(actor, () => expectOnlyUnavailable(world, actor, work()));
  return actor;
}

/** Of all lanes, with folds of days, which it also makes: the day documents, or the hours of days. */
export async function readTotalOf(world: World, tenant: Tenant, which: keyof typeof totals): Promise<void> {
  const actor = world.addActor(`read the ${which} of ${tenant.account}`, timeoutSeconds);
  const { lanes } = actorPorts(world, actor);
  const { fromMs, toMs } = windowOf(world);
  const own = (isWithin: boolean) => () =>
    world.recordsOfTenant(tenant).filter(({ events }) => isWithin === events.every(isInWindow));
  const isInWindow = ({ timestamp }: AcceptedEvent) => timestamp >= fromMs && timestamp < toMs;
  const expectation = new Expectation(world, own(true));
  // Some events of the others are in the window.
  const others = new Expectation(world, own(false));
  const work = async () => {
    const { total } = await totals[which](world, tenant, lanes);
    expectation.check(actor, total, others.most());
    return 'done';
  };
  await world.scheduler.start(actor, () => expectOnlyUnavailable(world, actor, work()));
}

const windowName = '30d';
export const windowOf = (world: World) => boundsOf(windowName, world.clock.nowMs);

/** In a history, calls take minutes. */
const unhurried = { ...summaryLimits, workMs: Number.POSITIVE_INFINITY };

type Total = { readonly total: number };

/** Each reads the same window. */
export const totals = {
  summary: (world: World, tenant: Tenant, lanes: Lanes): Promise<Total> => {
    const question = readSummaryQuestion(requestOf(world, tenant, { window: windowName }), world.clock.nowMs);
    return readSummary(depsOf(world, lanes), question);
  },
  series: (world: World, tenant: Tenant, lanes: Lanes): Promise<Total> => {
    const { fromMs, toMs } = windowOf(world);
    const query = { interval: 'hour', from: iso(fromMs), to: iso(toMs) };
    return readSeries(
      depsOf(world, lanes),
      readSeriesQuestion(requestOf(world, tenant, query), world.clock.nowMs),
    );
  },
};

const depsOf = (world: World, lanes: Lanes) => ({
  ...{ lanes, days: world.days, clock: world.clock, summaryLimits: unhurried, eventUse: new MemoryUse() },
  ...telemetryOf(world),
});

function requestOf(world: World, tenant: Tenant, query: Readonly<Record<string, string>>): HttpRequest {
  const caller = {
    tenant,
    keyId: 'key',
    scopes: ['read'],
    tier: 'standard',
    stream: 'standard',
    slots: [0],
    mostSlots: world.slots,
    retentionDays: 30,
    ...callerLimits,
  } as const;
  return {
    requestContext: { authorizer: toContext(caller) },
    multiValueQueryStringParameters: Object.fromEntries(
      Object.entries(query).map(([name, value]) => [name, [value]]),
    ),
  } as unknown as HttpRequest;
}

/** What a reader of these records must show. */
class Expectation {
  readonly #world: World;
  readonly #records: () => readonly AcceptedRecord[];
  readonly #settled: readonly AcceptedRecord[];
  readonly #plain: ReadonlySet<AcceptedRecord>;

  constructor(world: World, records: () => readonly AcceptedRecord[]) {
    this.#world = world;
    this.#records = records;
    this.#settled = records().filter((record) => world.isSettled(record));
    this.#plain = new Set(this.#settled.filter((record) => world.receiptOf(record)?.mode === 'plain'));
  }

  check({ name }: Actor, shown: number, more = 0): void {
    // A receipt that was passed by in between is counted directly, and may be seen neither before nor after.
    const isMoved = (record: AcceptedRecord) =>
      this.#plain.has(record) && this.#world.receiptOf(record)?.mode === 'direct';
    const least = this.#stored(this.#settled.filter((record) => !isMoved(record)));
    const most = this.most() + more;
    const { violations } = this.#world;
    if (shown < least) violations.push(`${name} shows ${shown}, too little: ${least} were settled`);
    if (shown > most) violations.push(`${name} shows ${shown}, too much: ${most} are counted`);
  }

  most(): number {
    return this.#stored(this.#records());
  }

  #stored(records: readonly AcceptedRecord[]): number {
    const receipts = records.map((record) => this.#world.receiptOf(record));
    return receipts.reduce((sum, receipt) => sum + (receipt?.state === 'counted' ? receipt.stored : 0), 0);
  }
}

/** Folds all that waits, as the schedule does within an hour. */
export async function foldAll(world: World): Promise<void> {
  const { lanes } = world.stores;
  const waiting = tenants
    .flatMap((tenant) => world.lanesOf(tenant))
    .filter((lane) => {
      const last = world.runsOf(lane).at(-1);
      const isPast = (receipt: Receipt) => isPlain(receipt) && placeOf(receipt) > (last?.to ?? beginning);
      return last?.state === 'announced' || world.receiptsIn(lane).some(isPast);
    });
  if (waiting.length === 0) return;
  world.pass(70 * minuteMs);
  for (const lane of waiting)
    for (let folded = -1; folded !== lanes.runsFolded; ) {
      folded = lanes.runsFolded;
      await world.scheduler.toTheEnd(await fold(world, lane));
    }
}
