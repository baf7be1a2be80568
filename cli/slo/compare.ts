// The busiest accounts beside quiet ones: whether those who send much make the service worse for the others. Of the last 24
// hours. The quiet ones are a sample, so that the verb reads a bounded number of accounts.

import type { Account } from '../../domain/accounts/accounts.ts';
import {
  type Attainment,
  addMeasured,
  attainmentsOf,
  type Measured,
  nothingMeasured,
  type Percentiles,
  percentilesOf,
} from '../../domain/service-levels/account-attainment.ts';
import { measuredIn } from '../../domain/service-levels/account-slo.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { dayMs, floorTo, hourMs } from '../../domain/system/time.ts';
import type { Operator } from '../operator.ts';
import type { RecordAccess } from '../record-access.ts';
import { readMeasured } from './measured.ts';

const mostQuiet = 50;
const accountsAtOnce = 4;

export type Group = 'busiest' | 'quiet';
export type ComparedGroup = {
  readonly group: Group;
  /** Those that had requests. */
  readonly accounts: readonly string[];
  readonly objectives: readonly Attainment[];
  readonly ingest_latency: Percentiles;
};

/** `busy`: the ids that report found. */
export async function compareGroups(
  operator: Operator,
  records: RecordAccess,
  busy: readonly string[],
): Promise<readonly ComparedGroup[]> {
  const nowMs = operator.clock.now();
  const toMs = floorTo(nowMs, hourMs) + hourMs;
  const range = { fromMs: toMs - dayMs, toMs };
  const measure = async (account: Account): Promise<Measured> => {
    const hours = await readMeasured(records, await tenantsOf(operator, account), account.mostSlots, {
      range,
      nowMs,
    });
    return measuredIn(hours, range);
  };
  const found = await mapBounded(busy, accountsAtOnce, (id) => operator.accounts.findAccount(id));
  const { accounts: some } = await operator.accounts.page({
    count: mostQuiet + busy.length,
    after: undefined,
  });
  const quiet = some.filter(({ id }) => !busy.includes(id)).slice(0, mostQuiet);
  const groups: readonly (readonly [Group, readonly Account[]])[] = [
    ['busiest', found.filter((account) => account !== undefined)],
    ['quiet', quiet],
  ];
  return mapBounded(groups, 1, async ([group, accounts]) => {
    const own = await mapBounded(accounts, accountsAtOnce, async (account) => ({
      id: account.id,
      measured: await measure(account),
    }));
    const all = own.map(({ measured }) => measured).reduce(addMeasured, nothingMeasured);
    return {
      group,
      accounts: own.filter(({ measured }) => hasRequests(measured)).map(({ id }) => id),
      objectives: attainmentsOf(all),
      ingest_latency: percentilesOf(all.levels, 'ingest'),
    };
  });
}

const hasRequests = ({ levels }: Measured): boolean => Object.keys(levels).length > 0;

/** An environment is known by its keys, which outlive their use. */
export async function tenantsOf({ keys }: Operator, { id, generation }: Account) {
  const known = new Set((await keys.list(id)).map(({ key }) => key.environment));
  return [...known].toSorted().map((environment) => ({ account: id, environment, generation }));
}
