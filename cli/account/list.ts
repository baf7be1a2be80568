// `weir account list`: the accounts of a stage, page by page, in the order of their ids.

import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { isAccountId } from '../../domain/keys.ts';
import type { ToCommand } from '../terminal/commands.ts';
import { table } from '../terminal/table.ts';
import { defineVerb } from '../verb.ts';
import { InvalidAccountId } from './create.ts';
import { type ShownAccount, toShownAccount } from './show.ts';

const mostInPage = 1000;

type ShownPage = { readonly accounts: readonly ShownAccount[]; readonly next: string | null };

function readLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= mostInPage) return limit;
  throw new InvalidArgumentError(`It is a number from 1 to ${mostInPage}.`);
}

export const accountList = defineVerb({
  words: ['account', 'list'],
  summary: 'list the accounts of the stage, a page at a time',
  examples: ['account list', 'account list --limit 20 --after acme --json'],
  options: (command) =>
    command
      .addOption(
        new Option('--limit <count>', `how many accounts a page has, up to ${mostInPage}`)
          .argParser(readLimit)
          .default(100),
      )
      .option('--after <id>', 'the account that the page before ended with'),
  run: async (operator, { limit, after }, _progress, toCommand) => {
    if (after !== undefined && !isAccountId(after)) throw new InvalidAccountId(after);
    const { accounts, next = null } = await operator.accounts.page({ count: limit, after });
    const page: ShownPage = { accounts: accounts.map(toShownAccount), next };
    return { json: page, text: renderPage(page, limit, toCommand) };
  },
});

function renderPage({ accounts, next }: ShownPage, limit: number, toCommand: ToCommand): string {
  if (accounts.length === 0) return 'There are no accounts, or none after that one.';
  const rows = accounts.map(({ account_id, status, tier, overrides, ...settings }) => [
    account_id,
    status,
    tier,
    settings.requests_per_second,
    settings.slots,
    settings.retention_days,
    overrides.length === 0 ? '' : `${overrides.length} own`,
  ]);
  const more =
    next === null ? [] : ['', `More: ${toCommand(`account list --limit ${limit} --after ${next}`)}`];
  return [
    table(['ACCOUNT', 'STATUS', 'TIER', 'REQUESTS/S', 'SLOTS', 'DAYS', 'SETTINGS'], rows),
    ...more,
  ].join('\n');
}
