// `--all-of-tier`: all accounts of a tier are suspended in a storm, and resumed after it. A run that was interrupted is
// finished by running it again: accounts that are so already are not changed. Those that were suspended by themselves stay.

import type { Account } from '../../domain/accounts/accounts.ts';
import type { TierName } from '../../domain/accounts/tiers.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { CliError } from '../errors.ts';
import type { Operator } from '../operator.ts';
import type { ToCommand } from '../terminal/commands.ts';
import type { Progress } from '../verb.ts';
import { changeStatusOf, StatusChanged } from './status.ts';

export type ChangedTier = {
  readonly tier: TierName;
  /** As asked for: where they were refused before, they stay so. */
  readonly reads: 'allowed' | 'refused';
  /** How many accounts of the stage were looked at. */
  readonly seen: number;
  readonly changed: number;
  /** Suspended by themselves, before. */
  readonly left: number;
  /** By another operator. They are not changed. */
  readonly changed_meanwhile: number;
};

export class TierNeedsYes extends CliError {
  constructor(verb: 'suspend' | 'resume', tier: TierName, accounts: number, more: string) {
    super(
      `This would ${verb} ${accounts} accounts, which are all of the tier ${tier}${verb === 'resume' ? ' that --all-of-tier suspended' : ' that are active'}. Nothing was changed.`,
      `To do it: weir account ${verb} --all-of-tier ${tier}${more} --yes`,
    );
  }
}

const accountsInPage = 1000;
/** Transactions on accounts, each of which has partition keys of its own. */
const atOnce = 16;

type TierRequest = { readonly tier: TierName; readonly isSure: boolean };

export async function suspendTier(
  operator: Operator,
  { tier, reads, isSure }: TierRequest & { readonly reads: boolean },
  progress: Progress,
): Promise<ChangedTier> {
  const isMeant = (account: Account) => account.tier === tier && !isSuspendedAlone(account);
  if (!isSure) {
    const active = await count(operator, (account) => account.tier === tier && account.status === 'active');
    throw new TierNeedsYes('suspend', tier, active, reads ? ' --reads' : '');
  }
  const left = (account: Account) => account.tier === tier && isSuspendedAlone(account);
  const change = (account: Account) =>
    changeStatusOf(operator, account, 'suspended', { reads, ofTier: tier });
  const tally = await changeAll(operator, { isMeant, left, change }, progress);
  return { tier, reads: reads ? 'refused' : 'allowed', ...tally };
}

export async function resumeTier(
  operator: Operator,
  { tier, isSure }: TierRequest,
  progress: Progress,
): Promise<ChangedTier> {
  // Also of an account that has another tier by now.
  const isMeant = ({ suspension }: Account) => suspension?.ofTier === tier;
  if (!isSure) throw new TierNeedsYes('resume', tier, await count(operator, isMeant), '');
  const left = (account: Account) => account.tier === tier && isSuspendedAlone(account);
  const change = (account: Account) => changeStatusOf(operator, account, 'active', { reads: false });
  return { tier, reads: 'allowed', ...(await changeAll(operator, { isMeant, left, change }, progress)) };
}

const isSuspendedAlone = ({ status, suspension }: Account): boolean =>
  status === 'suspended' && suspension?.ofTier === undefined;

async function* pagesOf({ accounts }: Operator): AsyncGenerator<readonly Account[]> {
  let after: string | undefined;
  do {
    const page = await accounts.page({ count: accountsInPage, after });
    yield page.accounts;
    after = page.next;
  } while (after !== undefined);
}

async function count(operator: Operator, isMeant: (account: Account) => boolean): Promise<number> {
  let many = 0;
  for await (const page of pagesOf(operator)) many += page.filter(isMeant).length;
  return many;
}

type Change = {
  readonly isMeant: (account: Account) => boolean;
  readonly left: (account: Account) => boolean;
  readonly change: (account: Account) => Promise<{ readonly changed: boolean }>;
};

async function changeAll(operator: Operator, { isMeant, left, change }: Change, progress: Progress) {
  const tally = { seen: 0, changed: 0, left: 0, changed_meanwhile: 0 };
  for await (const page of pagesOf(operator)) {
    await mapBounded(page.filter(isMeant), atOnce, async (account) => {
      try {
        if ((await change(account)).changed) tally.changed += 1;
      } catch (error) {
        if (!(error instanceof StatusChanged)) throw error;
        tally.changed_meanwhile += 1;
      }
    });
    tally.seen += page.length;
    tally.left += page.filter(left).length;
    progress(`${tally.seen} accounts seen, ${tally.changed} changed`);
  }
  return tally;
}

export const renderSuspended = (
  { tier, reads, changed, ...tally }: ChangedTier,
  toCommand: ToCommand,
): string =>
  [
    `${changed} accounts of the tier ${tier} are suspended now. After 30 seconds at the latest their requests${reads === 'refused' ? '' : ', except for those that read,'} are answered 403 account_suspended.`,
    ...renderRest(tally),
    `To end it: ${toCommand(`account resume --all-of-tier ${tier} --yes`)}`,
  ].join('\n');

export const renderResumed = ({ tier, changed, ...tally }: ChangedTier): string =>
  [
    `${changed} accounts that --all-of-tier ${tier} suspended are active now. After 30 seconds at the latest their requests are accepted.`,
    ...renderRest(tally),
  ].join('\n');

const renderRest = ({
  left,
  changed_meanwhile,
}: Pick<ChangedTier, 'left' | 'changed_meanwhile'>): string[] => [
  ...(left > 0 ? [`${left} that were suspended by themselves stay as they were.`] : []),
  ...(changed_meanwhile > 0
    ? [`${changed_meanwhile} changed meanwhile and are left: run the same again.`]
    : []),
];
