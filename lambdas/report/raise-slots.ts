// Advises more slots for accounts that fill theirs, and raises them where the stage allows it: a step an hour, with the
// write and the audit entry of the verb that an operator would use.

import type { Logger } from '@aws-lambda-powertools/logger';
import { type Account, settingsOf, withSettings } from '../../domain/accounts/accounts.ts';
import { type Auditor, auditEntry, auditedAccount } from '../../domain/accounts/audit.ts';
import { type AccountAdvice, rankAdvice } from '../../domain/accounts/busiest.ts';
import type { Accounts, AuditLog } from '../../domain/accounts/port.ts';
import {
  adviseSlots,
  type BusyHour,
  changesSlots,
  mayBeRaised,
  raisedEveryMs,
} from '../../domain/accounts/slot-advice.ts';
import type { Tenant } from '../../domain/keys.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import type { Clock } from '../../domain/system/port.ts';
import { errorFields } from '../runtime/error-fields.ts';

export type RaiseDeps = {
  readonly accounts: Pick<Accounts, 'findAccount' | 'update'>;
  readonly auditLog: Pick<AuditLog, 'list'>;
  readonly auditor: Auditor;
  /** Those of the stage. */
  readonly slots: { readonly most: number; readonly automatic: boolean };
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'info' | 'error'>;
};

/** An environment with the busiest hour of its live events. A backfill passes, and the lanes of more slots stay. */
export type BusyTenant = { readonly tenant: Tenant; readonly busiest: BusyHour };

const accountsAtOnce = 4;

export type Raised = {
  /** What is left to an operator, or to a later run. */
  readonly advice: readonly AccountAdvice[];
  /** Of accounts that could not be read or changed. The others are. */
  readonly errors: readonly unknown[];
};

export async function raiseSlots(deps: RaiseDeps, busy: readonly BusyTenant[]): Promise<Raised> {
  const { most } = deps.slots;
  // An account has one slot at least: most accounts need not be read.
  const candidates = busy.filter(({ busiest }) => adviseSlots(1, busiest.load, most));
  const byAccount = [...Map.groupBy(candidates, ({ tenant }) => tenant.account)];
  const errors: unknown[] = [];
  const left = await mapBounded(byAccount, accountsAtOnce, async ([id, own]) => {
    try {
      const account = await deps.accounts.findAccount(id);
      const [advice] = account ? rankAdvice(own.flatMap((each) => adviceOf(account, each, most))) : [];
      return account && advice && !(await wasRaised(deps, account, advice)) ? [advice] : [];
    } catch (error) {
      errors.push(error);
      deps.logger.error('the slots of an account cannot be raised', { account: id, ...errorFields(error) });
      return [];
    }
  });
  return { advice: rankAdvice(left.flat()), errors };
}

function adviceOf(account: Account, { tenant, busiest }: BusyTenant, most: number): AccountAdvice[] {
  const advice = adviseSlots(settingsOf(account).slots, busiest.load, most);
  const { environment, generation } = tenant;
  return advice && account.generation === generation
    ? [{ account: account.id, environment, generation, ...advice, ...busiest }]
    : [];
}

async function wasRaised(deps: RaiseDeps, before: Account, advice: AccountAdvice): Promise<boolean> {
  if (!deps.slots.automatic || !mayBeRaised(before)) return false;
  const { id, tier, overrides } = before;
  const nowMs = deps.clock.now();
  const recent = await deps.auditLog.list(id, { fromMs: nowMs - raisedEveryMs + 1, toMs: nowMs + 1 });
  if (recent.some(changesSlots)) return false;
  const after = withSettings(before, { tier, overrides: { ...overrides, slots: advice.to } }, nowMs);
  const entry = auditEntry(deps.auditor, nowMs, {
    account: id,
    what: 'account.changed',
    before: auditedAccount(before),
    after: auditedAccount(after),
  });
  const isRaised = await deps.accounts.update(before, after, entry);
  if (isRaised) deps.logger.info('the slots of an account were raised', advice);
  return isRaised;
}
