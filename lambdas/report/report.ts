// Checks the ledger: for every account, received must equal stored + duplicates + conflicts + quarantined. It reads the
// stored documents, because metrics can be lost or counted twice. It also counts the active accounts.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Accounts, TenantListing } from '../../domain/accounts/port.ts';
import {
  addIntake,
  emptyIntake,
  type Intake,
  imbalanceOf,
  intakeFromFields,
} from '../../domain/documents/intake.ts';
import type { Aggregates } from '../../domain/documents/port.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Clock } from '../../domain/system/port.ts';
import { dayMs, floorTo, hourMs } from '../../domain/system/time.ts';
import type { Meter } from '../runtime/telemetry.ts';

export type ReportDeps = {
  readonly accounts: Pick<Accounts, 'tenants'>;
  readonly aggregates: Aggregates;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'error' | 'info'>;
};

export type Reconciliation = { readonly activeAccounts: number; readonly imbalance: number };

export const createReport = (deps: ReportDeps) => async (): Promise<Reconciliation> => {
  const active = new Set<string>();
  let imbalance = 0;
  for await (const listing of deps.accounts.tenants()) {
    const intake = await intakeOfLastDay(deps, listing);
    if (intake.received > 0) active.add(listing.tenant.account);
    const off = imbalanceOf(intake);
    if (off !== 0) deps.logger.error('the ledger does not add up', { ...listing.tenant, ...intake, off });
    imbalance += Math.abs(off);
  }
  deps.meter.count(metricNames.activeAccounts, active.size);
  deps.meter.count(metricNames.ledgerImbalance, imbalance);
  return { activeAccounts: active.size, imbalance };
};

async function intakeOfLastDay(
  { aggregates, clock }: ReportDeps,
  { tenant, mostSlots }: TenantListing,
): Promise<Intake> {
  const toMs = floorTo(clock.now(), hourMs) + hourMs;
  let sum = emptyIntake;
  for (let slot = 0; slot < mostSlots; slot += 1) {
    for (const document of await aggregates.range(tenant, slot, 'intake', toMs - dayMs, toMs)) {
      sum = addIntake(sum, intakeFromFields(document.fields));
    }
  }
  return sum;
}
