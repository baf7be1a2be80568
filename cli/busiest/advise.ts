// `weir advise`: which accounts fill their slots, why, and the command that gives them more.

import { type Account, settingsOf } from '../../domain/accounts/accounts.ts';
import type { AccountAdvice, Busiest } from '../../domain/accounts/busiest.ts';
import { fillOf, mayBeRaised, slotHolds } from '../../domain/accounts/slot-advice.ts';
import { iso } from '../../domain/system/time.ts';
import type { Operator } from '../operator.ts';
import type { ToCommand } from '../terminal/commands.ts';
import { renderMinute } from '../terminal/instants.ts';
import { wrapped } from '../terminal/table.ts';
import { defineVerb } from '../verb.ts';
import { findBusiest, renderFound } from './found.ts';
import { renderRate } from './top.ts';

type Raised = 'by report' | 'by you';

type Advised = AccountAdvice & { readonly raised: Raised; readonly keepsOrder: boolean };

/** Without what was followed since report looked. */
async function readAdvice(operator: Operator, { automatic, advice }: Busiest): Promise<readonly Advised[]> {
  const read = await Promise.all(
    advice.map(async (each): Promise<Advised[]> => {
      const account = await operator.accounts.findAccount(each.account);
      // Deleted since, also if one of the same id was created.
      if (account?.generation !== each.generation) return [];
      const { slots } = settingsOf(account);
      if (slots >= each.to) return [];
      const raised = automatic && mayBeRaised(account) ? 'by report' : 'by you';
      return [{ ...each, from: slots, raised, keepsOrder: keepsOrder(account) }];
    }),
  );
  return read.flat();
}

const keepsOrder = (account: Account): boolean =>
  account.tier === 'custom' && settingsOf(account).slots === 1;

const commandOf = ({ account, to }: Advised, toCommand: ToCommand): string =>
  toCommand(`account set --account ${account} --slots ${to}`);

const toShown = (advised: Advised, toCommand: ToCommand) => ({
  account_id: advised.account,
  environment: advised.environment,
  slots: advised.from,
  advised_slots: advised.to,
  needs_slots: advised.needs,
  because: {
    hour: iso(advised.hourMs),
    events_per_second: Math.round(advised.load.events),
    records_per_second: Math.round(advised.load.records),
    bytes_per_second: Math.round(advised.load.bytes),
    filled_by: fillOf(advised.load).by,
  },
  raised: advised.raised,
  keeps_order: advised.keepsOrder,
  command: commandOf(advised, toCommand),
});

export const advise = defineVerb({
  words: ['advise'],
  summary: 'say which accounts need more slots, why, and how to raise them',
  examples: ['advise', 'advise --json'],
  options: (command) => command,
  run: async (operator, _options, _progress, toCommand) => {
    const found = await findBusiest(operator, await operator.records());
    const advice = await readAdvice(operator, found);
    const lines =
      advice.length === 0
        ? ['No account needs more slots.']
        : advice.flatMap((each) => [...renderAdvice(each, toCommand), '']);
    return {
      json: {
        found_at: iso(found.atMs),
        automatic: found.automatic,
        advice: advice.map((each) => toShown(each, toCommand)),
      },
      text: [...lines, ...wrapped(renderFound(found, operator.clock.now()).join(' '), 80)].join('\n'),
    };
  },
});

const width = 78;
const names = { events: 'events', records: 'batches', bytes: 'bytes' } as const;

function renderAdvice(advised: Advised, toCommand: ToCommand): string[] {
  const { account, environment, from, to, needs, hourMs, load, raised } = advised;
  const { by, slots } = fillOf(load);
  const rate = ({ events, records, bytes }: typeof load, and: string) =>
    `${renderRate(events)} events, ${renderRate(records)} batches ${and} ${renderRate(bytes / 1000)} KB a second`;
  const why =
    `In the hour from ${renderMinute(hourMs)} UTC, ${environment} received ${rate(load, 'and')}. ` +
    `Its ${names[by]} fill ${slots.toFixed(1)} slots: one is full at ${rate(slotHolds, 'or')}, ` +
    'as bursts are three times the mean, and half of it is for others.' +
    (needs > to ? ` It would need ${needs}.` : '');
  const who =
    raised === 'by report'
      ? 'Report raises them by itself, a step an hour. To do it now:'
      : advised.keepsOrder
        ? 'With one slot, events of the account keep their order, and with more they do not. If that is no matter:'
        : 'To raise them:';
  return [
    `${account}: ${from} -> ${to} slots`,
    ...wrapped(why, width).map((line) => `  ${line}`),
    ...wrapped(who, width).map((line) => `  ${line}`),
    `  ${commandOf(advised, toCommand)}`,
  ];
}
