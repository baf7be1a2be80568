// The busiest accounts of a stage, and which of them need more slots: what report has found, so that no verb needs to look
// at all accounts.

import { addLoad, dollarsPerHour, type Load, noLoad } from './load.ts';
import type { SlotAdvice } from './slot-advice.ts';

export type Busiest = {
  /** When report looked. */
  readonly atMs: number;
  /** Environments for which it had no time. */
  readonly unseen: number;
  /** Those that cost the most come first. */
  readonly accounts: readonly BusyAccount[];
  /** What all others cost together. */
  readonly othersDollarsPerHour: number;
  /** Whether report raises slots itself. */
  readonly automatic: boolean;
  /** Those that need the most come first. */
  readonly advice: readonly AccountAdvice[];
};

/** With the environments that received something. */
export type BusyAccount = { readonly account: string; readonly environments: readonly string[] };

/** By the hour `hourMs` of an environment, which has the slots of its account for itself. */
export type AccountAdvice = SlotAdvice & {
  readonly account: string;
  readonly environment: string;
  readonly hourMs: number;
  readonly load: Load;
};

export type TenantLoad = { readonly account: string; readonly environment: string; readonly load: Load };

export const mostListed = 50;

export function rankAccounts(
  loads: readonly TenantLoad[],
  most = mostListed,
): Pick<Busiest, 'accounts' | 'othersDollarsPerHour'> {
  const busy = loads.filter(({ load }) => load.records > 0);
  const ranked = [...Map.groupBy(busy, ({ account }) => account)]
    .map(([account, own]) => ({
      account,
      environments: own.map(({ environment }) => environment).toSorted(),
      dollars: dollarsPerHour(own.map(({ load }) => load).reduce(addLoad, noLoad)),
    }))
    .toSorted((one, other) => other.dollars - one.dollars || (one.account < other.account ? -1 : 1));
  return {
    accounts: ranked.slice(0, most).map(({ account, environments }) => ({ account, environments })),
    othersDollarsPerHour: ranked.slice(most).reduce((sum, { dollars }) => sum + dollars, 0),
  };
}

/** One for each account: that of its environment that needs the most. */
export function rankAdvice(advice: readonly AccountAdvice[], most = mostListed): readonly AccountAdvice[] {
  const ranked = advice.toSorted(
    (one, other) => other.needs - one.needs || (one.account < other.account ? -1 : 1),
  );
  return [...Map.groupBy(ranked, ({ account }) => account).values()]
    .flatMap(([first]) => first ?? [])
    .slice(0, most);
}
