// Checks the ledger: for every account, received must equal stored + duplicates + conflicts + quarantined. It reads what
// is stored, because metrics can be lost or counted twice. It also folds the runs that consumers have left, and counts
// the active accounts.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Accounts, TenantListing } from '../../domain/accounts/port.ts';
import { isDue } from '../../domain/counting/next-run.ts';
import { addIntake, emptyIntake, type Intake, imbalanceOf } from '../../domain/documents/intake.ts';
import { type Lane, laneKey, lanesOf } from '../../domain/keys.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { dayMs, floorTo, hourMs } from '../../domain/system/time.ts';
import { type FoldDeps, foldRuns } from '../counting/fold-run.ts';
import { foldedToOf, readLane } from '../counting/read-lane.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';

export type ReportDeps = FoldDeps & {
  readonly accounts: Pick<Accounts, 'tenants'>;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'error' | 'warn' | 'info'>;
};

export type Reconciliation = { readonly activeAccounts: number; readonly imbalance: number };

const tenantsAtOnce = 4;
const lanesAtOnce = 2;
/** A day more than a record may be old in any stage (`mostRecordAgeHours`), and so be counted only now. */
export const checkedMs = 8 * dayMs;

/** A lane that fails is left, so that the others are looked after. Then the whole fails, which raises an alarm. */
export const createReport = (deps: ReportDeps) => async (): Promise<Reconciliation> => {
  const listings = await Array.fromAsync(deps.accounts.tenants());
  const seen = await mapBounded(listings, tenantsAtOnce, (listing) => lookAfterTenant(deps, listing));
  const active = new Set(seen.filter(({ received }) => received > 0).map(({ account }) => account));
  const imbalance = seen.reduce((sum, { off }) => sum + Math.abs(off), 0);
  deps.meter.count(metricNames.activeAccounts, active.size);
  deps.meter.count(metricNames.ledgerImbalance, imbalance);
  const oldestWaitingMs = Math.max(0, ...seen.map(({ waitingMs }) => waitingMs));
  deps.meter.milliseconds(metricNames.oldestUnfolded, oldestWaitingMs);
  const [error] = seen.flatMap(({ errors }) => errors);
  if (error !== undefined) throw error;
  return { activeAccounts: active.size, imbalance };
};

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
  const intake = lanes.map((lane) => lane.intake).reduce(addIntake, emptyIntake);
  const off = imbalanceOf(intake);
  if (off !== 0) deps.logger.error('the ledger does not add up', { ...tenant, ...intake, off });
  const waitingMs = Math.max(...lanes.map((lane) => lane.waitingMs));
  const received = lanes.reduce((sum, { received }) => sum + received, 0);
  return { account: tenant.account, received, off, waitingMs, errors };
}

type LookedAfter = {
  /** Of all that is checked. */
  readonly intake: Intake;
  /** In the last day. */
  readonly received: number;
  /** How long the oldest receipt that no run has folded has been waiting. It grows without end if the lane's runs fail. */
  readonly waitingMs: number;
};

const nothingSeen: LookedAfter = { intake: emptyIntake, received: 0, waitingMs: 0 };

/** Reads what the lane received in the time that is checked, and folds a run of it if one is due. */
async function lookAfter(deps: ReportDeps, lane: Lane): Promise<LookedAfter> {
  const nowMs = deps.clock.now();
  const toMs = floorTo(nowMs, hourMs) + hourMs;
  const { intakes, waiting, waitingSinceMs } = await readLane(deps, {
    lane,
    foldedTo: await foldedToOf(deps, lane),
    bounds: { fromMs: toMs - checkedMs, toMs },
    hours: [],
    days: new Map(),
  });
  if (waiting.receipts > 0 && isDue(waiting, deps.limits, nowMs)) await foldRuns(deps, [{ lane }]);
  return {
    intake: [...intakes.values()].reduce(addIntake, emptyIntake),
    received: [...intakes].reduce(
      (sum, [hour, { received }]) => sum + (hour >= toMs - dayMs ? received : 0),
      0,
    ),
    waitingMs: waitingSinceMs === undefined ? 0 : nowMs - waitingSinceMs,
  };
}
