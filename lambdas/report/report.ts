// Checks the ledger: of what was acknowledged, all must have an outcome; and for every account, received must equal
// stored + duplicates + conflicts + quarantined. It reads what is stored, because metrics can be lost or counted twice. It also folds the runs that consumers have left, counts the active
// accounts, lists the busiest ones, raises their slots and folds the day that has closed. Many tenants are looked after at once, in an order of their own
// each time, so that those for which there is no time are others the next time.

import type { Logger } from '@aws-lambda-powertools/logger';
import { rankAccounts } from '../../domain/accounts/busiest.ts';
import { type Load, loadOf } from '../../domain/accounts/load.ts';
import type { Accounts, BusiestList, TenantListing } from '../../domain/accounts/port.ts';
import { type BusyHour, busiestHour } from '../../domain/accounts/slot-advice.ts';
import type { HourSink } from '../../domain/counting/lane-counts.ts';
import { isDue } from '../../domain/counting/next-run.ts';
import { addIntake, emptyIntake, type Intake, imbalanceOf } from '../../domain/documents/intake.ts';
import { type Lane, laneKey, lanesOf, type Tenant } from '../../domain/keys.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { percentOfUsual } from '../../domain/service-levels/usual-throughput.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../domain/system/time.ts';
import { type FoldDeps, foldRuns } from '../counting/fold-run.ts';
import { foldedToOf, LaneReader } from '../counting/read-lane.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { type CorrectDeps, correctUse } from './correct-use.ts';
import { dayToFold, type FoldDaysDeps, foldDays, receivedIn } from './fold-days.ts';
import { type RaiseDeps, raiseSlots } from './raise-slots.ts';
import { type ReconcileDeps, type Reconciled, reconcile } from './reconcile.ts';

export type ReportDeps = CorrectDeps &
  FoldDeps &
  FoldDaysDeps &
  ReconcileDeps &
  RaiseDeps & {
    readonly accounts: Pick<Accounts, 'tenants'>;
    readonly busiest: Pick<BusiestList, 'keep'>;
    readonly meter: Meter;
    /** From 0 up to 1. */
    readonly random: () => number;
    readonly logger: Pick<Logger, 'error' | 'warn' | 'info'>;
  };

export type Reconciliation = Reconciled & { readonly activeAccounts: number; readonly imbalance: number };

const tenantsAtOnce = 16;
const lanesAtOnce = 2;
/** A day more than a record may be old in any stage (`mostRecordAgeHours`), and so be counted only now. */
export const checkedMs = 8 * dayMs;
/** With less time left no tenant is begun. Enough for the calls in flight and their retries. */
const reserveMs = minuteMs;
/** With less time left no more of the tally is read: the environments need it. */
const environmentsMs = 3 * minuteMs;

/** What was published is of the tenants that were seen. */
export class ReportUnfinished extends Error {
  override readonly name = 'ReportUnfinished';
  constructor(unseen: number, all: number) {
    super(`There was no time to look after ${unseen} of ${all} environments.`);
  }
}

/**
 * A lane that fails is left, so that the others are looked after. Then the whole fails, which raises an alarm. So it does
 * if there is no time for all.
 */
export const createReport =
  (deps: ReportDeps) =>
  async (remainingMs: () => number): Promise<Reconciliation> => {
    const { reconciled, errors } = await reconcileTally(deps, () => remainingMs() > environmentsMs);
    const listings = inAnyOrder(await Array.fromAsync(deps.accounts.tenants()), deps.random);
    const looked = await mapBounded(listings, tenantsAtOnce, async (listing) =>
      remainingMs() > reserveMs ? lookAfterTenant(deps, listing) : undefined,
    );
    const seen = looked.filter((each) => each !== undefined);
    const unseen = looked.length - seen.length;
    const active = new Set(seen.filter(({ received }) => received > 0).map(({ tenant }) => tenant.account));
    const imbalance = seen.reduce((sum, { off }) => sum + Math.abs(off), 0);
    deps.meter.count(metricNames.unseenEnvironments, unseen);
    // Of some accounts only, the figure would look as if others had stopped sending.
    if (unseen === 0) deps.meter.count(metricNames.activeAccounts, active.size);
    if (unseen === 0) publishThroughput(deps, seen);
    deps.meter.count(metricNames.ledgerImbalance, imbalance);
    const oldestWaitingMs = Math.max(0, ...seen.map(({ waitingMs }) => waitingMs));
    deps.meter.milliseconds(metricNames.oldestUnfolded, oldestWaitingMs);
    const ofAccounts = await keepBusiest(deps, seen, unseen);
    const ofDays = await foldDays(
      deps,
      seen.map(({ day }) => day),
      () => remainingMs() > reserveMs,
    );
    const [error] = [...errors, ...seen.flatMap((each) => each.errors), ...ofAccounts, ...ofDays];
    if (error !== undefined) throw error;
    if (unseen > 0) throw new ReportUnfinished(unseen, looked.length);
    return { ...reconciled, activeAccounts: active.size, imbalance };
  };

function publishThroughput(
  { meter, clock }: ReportDeps,
  seen: readonly { readonly hours: ReadonlyMap<number, Intake> }[],
): void {
  const receivedIn = (atMs: number) =>
    seen.reduce((sum, { hours }) => sum + (hours.get(atMs)?.received ?? 0), 0);
  const percent = percentOfUsual(receivedIn, clock.now());
  if (percent !== undefined) meter.count(metricNames.throughputPercent, percent);
}

/** If it fails, nothing of it is published, and the rest goes on. */
async function reconcileTally(deps: ReportDeps, mayGoOn: () => boolean) {
  try {
    const reconciled = await reconcile(deps, mayGoOn);
    deps.meter.count(metricNames.ledgerMissing, reconciled.missing);
    deps.meter.count(metricNames.recordsInFlight, reconciled.inFlight);
    return { reconciled, errors: [] };
  } catch (error) {
    deps.logger.error('the tally cannot be compared with the receipts', errorFields(error));
    return { reconciled: { missing: 0, inFlight: 0 }, errors: [error] };
  }
}

function inAnyOrder<Of>(list: readonly Of[], random: () => number): Of[] {
  const keyed = list.map((each) => ({ each, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ each }) => each);
}

/** `load`: of this hour and the one before. `busiest`: of live events; undefined if there were none. */
type Seen = {
  readonly tenant: Tenant;
  readonly load: Load;
  readonly busiest: BusyHour | undefined;
};

/** Returns the errors of accounts whose slots cannot be raised. */
async function keepBusiest(
  deps: ReportDeps,
  seen: readonly Seen[],
  unseen: number,
): Promise<readonly unknown[]> {
  const busy = seen.flatMap(({ tenant, busiest }) => (busiest ? [{ tenant, busiest }] : []));
  const { advice, errors } = await raiseSlots(deps, busy);
  const loads = seen.map(({ tenant, load }) => ({ ...tenant, load }));
  const { automatic } = deps.slots;
  await deps.busiest.keep({ atMs: deps.clock.now(), unseen, ...rankAccounts(loads), automatic, advice });
  return errors;
}

async function lookAfterTenant(deps: ReportDeps, { tenant, mostSlots }: TenantListing) {
  const errors: unknown[] = [];
  const lanes = await mapBounded(lanesOf(tenant, mostSlots), lanesAtOnce, async (lane) => {
    try {
      return await lookAfter(deps, lane);
    } catch (error) {
      errors.push(error);
      deps.logger.error('a lane cannot be looked after', { lane: laneKey(lane), ...errorFields(error) });
      return nothingSeen;
    }
  });
  const hours = addHours(lanes);
  const intake = [...hours.values()].reduce(addIntake, emptyIntake);
  const off = imbalanceOf(intake);
  if (off !== 0) deps.logger.error('the ledger does not add up', { ...tenant, ...intake, off });
  if (errors.length === 0) {
    try {
      await correctUse(deps, tenant, hours);
    } catch (error) {
      errors.push(error);
      deps.logger.error('what was counted of a quota cannot be corrected', {
        ...tenant,
        ...errorFields(error),
      });
    }
  }
  const waitingMs = Math.max(...lanes.map((lane) => lane.waitingMs));
  const nowMs = deps.clock.now();
  const since = (fromMs: number) =>
    [...hours].flatMap(([hour, own]) => (hour >= fromMs ? [own] : [])).reduce(addIntake, emptyIntake);
  const lastHourMs = floorTo(nowMs, hourMs) - hourMs;
  return {
    tenant,
    hours,
    received: since(floorTo(nowMs, hourMs) + hourMs - dayMs).received,
    load: loadOf(since(lastHourMs), nowMs - lastHourMs),
    day: { tenant, mostSlots, received: receivedIn(dayToFold(nowMs), hours) },
    busiest: busiestHour(addHours(lanes.filter(({ isLate }) => !isLate)), nowMs),
    ...{ off, waitingMs, errors },
  };
}

/** By the hour in which records were received. */
function addHours(lanes: readonly Pick<LookedAfter, 'hours'>[]): ReadonlyMap<number, Intake> {
  const sum = new Map<number, Intake>();
  for (const { hours } of lanes)
    for (const [hour, intake] of hours) sum.set(hour, addIntake(sum.get(hour) ?? emptyIntake, intake));
  return sum;
}

type LookedAfter = {
  readonly isLate: boolean;
  /** All that is checked, by the hour in which records were received. */
  readonly hours: ReadonlyMap<number, Intake>;
  /** How long the oldest receipt that no run has folded has been waiting. It grows without end if the lane's runs fail. */
  readonly waitingMs: number;
};

const nothingSeen: LookedAfter = { isLate: false, hours: new Map(), waitingMs: 0 };

/** The balance is of intake documents. */
const noHours: HourSink = { addDocument: () => {}, addDelta: () => {} };

/** Reads what the lane received, and folds a run of it if one is due. */
async function lookAfter(deps: ReportDeps, lane: Lane): Promise<LookedAfter> {
  const nowMs = deps.clock.now();
  const toMs = floorTo(nowMs, hourMs) + hourMs;
  const bounds = { fromMs: toMs - checkedMs, toMs };
  const window = { lane, foldedTo: await foldedToOf(deps, lane), bounds };
  const { intakes, waiting, waitingSinceMs } = await new LaneReader(deps, window, noHours).finish(new Map());
  if (waiting.receipts > 0 && isDue(waiting, deps.limits, lane, nowMs)) await foldRuns(deps, [{ lane }]);
  return {
    isLate: lane.late,
    hours: intakes,
    waitingMs: waitingSinceMs === undefined ? 0 : nowMs - waitingSinceMs,
  };
}
