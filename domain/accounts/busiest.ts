// The busiest accounts of a stage, and which of them need more slots: what report has found, so that no verb needs to look
// at all accounts. It is one item: how much an account adds to it is bounded, whatever its environments are.

import { type Tenant, tenantKey } from '../keys.ts';
import { addLoad, dollarsPerHour, type Load, noLoad } from './load.ts';
import type { SlotAdvice } from './slot-advice.ts';

export type Busiest = {
  /** When report looked. */
  readonly atMs: number;
  /** Environments for which it had no time. */
  readonly unseen: number;
  /** Those that cost the most come first. */
  readonly accounts: readonly BusyAccount[];
  /** What everything that is not listed costs together. */
  readonly othersDollarsPerHour: number;
  /** Whether report raises slots itself. */
  readonly automatic: boolean;
  /** Those that need the most come first. */
  readonly advice: readonly AccountAdvice[];
};

/** With the environments that received something: of more than `mostEnvironments`, those that cost the most. */
export type BusyAccount = {
  readonly account: string;
  /** The list is of the account that had it: one of the same id may have been created since. */
  readonly generation: number;
  readonly environments: readonly string[];
};

/** By the hour `hourMs` of an environment, which has the slots of its account for itself. */
export type AccountAdvice = SlotAdvice & {
  readonly account: string;
  readonly environment: string;
  readonly generation: number;
  readonly hourMs: number;
  readonly load: Load;
};

export type TenantLoad = Tenant & { readonly load: Load };

export const mostListed = 50;
/** Of each account: 50 accounts with the longest names are some 40 KB of an item's 400. */
export const mostEnvironments = 20;

export function rankAccounts(
  loads: readonly TenantLoad[],
  most = mostListed,
): Pick<Busiest, 'accounts' | 'othersDollarsPerHour'> {
  const busy = loads.filter(({ load }) => load.records > 0);
  const ranked = byCost([...Map.groupBy(busy, ({ account }) => account).values()]);
  const listed = ranked.slice(0, most).map((own) => {
    const environments = byCost(own.map((each) => [each]));
    return {
      shown: environments.slice(0, mostEnvironments).flat(),
      left: environments.slice(mostEnvironments).flat(),
    };
  });
  const left = [...ranked.slice(most), ...listed.map((each) => each.left)];
  return {
    accounts: listed.flatMap(({ shown }) => (shown[0] ? [toBusyAccount(shown[0], shown)] : [])),
    othersDollarsPerHour: left.reduce((sum, each) => sum + dollarsOf(each), 0),
  };
}

const dollarsOf = (loads: readonly TenantLoad[]): number =>
  dollarsPerHour(loads.map(({ load }) => load).reduce(addLoad, noLoad));

const nameOf = ([first]: readonly TenantLoad[]): string => (first ? tenantKey(first) : '');

/** Those that cost the most come first. */
const byCost = (groups: readonly (readonly TenantLoad[])[]): readonly (readonly TenantLoad[])[] =>
  groups
    .map((group) => ({ group, dollars: dollarsOf(group) }))
    .toSorted(
      (one, other) => other.dollars - one.dollars || (nameOf(one.group) < nameOf(other.group) ? -1 : 1),
    )
    .map(({ group }) => group);

const toBusyAccount = ({ account, generation }: Tenant, shown: readonly Tenant[]): BusyAccount => ({
  ...{ account, generation },
  environments: shown.map(({ environment }) => environment).toSorted(),
});

/** One for each account: that of its environment that needs the most. */
export function rankAdvice(advice: readonly AccountAdvice[], most = mostListed): readonly AccountAdvice[] {
  const ranked = advice.toSorted(
    (one, other) => other.needs - one.needs || (one.account < other.account ? -1 : 1),
  );
  return [...Map.groupBy(ranked, ({ account }) => account).values()]
    .flatMap(([first]) => first ?? [])
    .slice(0, most);
}
