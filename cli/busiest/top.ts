// `weir top`: the busiest accounts by what they cost, in this hour so far and in the one before. Report has chosen which
// accounts those are; what they receive is read now.

import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { settingsOf } from '../../domain/accounts/accounts.ts';
import { type BusyAccount, mostListed } from '../../domain/accounts/busiest.ts';
import { dollarsPerHour, type Load, loadOf } from '../../domain/accounts/load.ts';
import { emptyIntake } from '../../domain/documents/intake.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { floorTo, hourMs, iso, minuteMs } from '../../domain/system/time.ts';
import { renderNumber } from '../account/show.ts';
import type { Operator } from '../operator.ts';
import type { RecordAccess } from '../record-access.ts';
import { renderAge, renderMinute } from '../terminal/instants.ts';
import { table, wrapped } from '../terminal/table.ts';
import { defineVerb, type Progress } from '../verb.ts';
import { findBusiest, renderFound } from './found.ts';
import { intakesOf } from './intakes.ts';

type ShownLoad = {
  readonly events_per_second: number;
  readonly records_per_second: number;
  readonly bytes_per_second: number;
  readonly dollars_per_hour: number;
};

type ShownAccount = {
  readonly account_id: string;
  readonly environments: readonly string[];
  readonly slots: number;
  readonly this_hour: ShownLoad;
  readonly last_hour: ShownLoad;
  /** Of what all accounts cost in this hour. */
  readonly share: number;
};

const accountsAtOnce = 4;
const progressEvery = 10;
/** An hour that has just begun is counted as a minute. */
const leastMs = minuteMs;

async function readAccount(
  operator: Operator,
  { lanes }: RecordAccess,
  { account: id, generation, environments }: BusyAccount,
  nowMs: number,
): Promise<Omit<ShownAccount, 'share'>[]> {
  const account = await operator.accounts.findAccount(id);
  // Deleted since, also if one of the same id was created.
  if (account?.generation !== generation) return [];
  const { mostSlots } = account;
  const hour = floorTo(nowMs, hourMs);
  const tenants = environments.map((environment) => ({ account: id, environment, generation }));
  const bounds = { fromMs: hour - hourMs, toMs: hour + hourMs };
  const intakes = await intakesOf(lanes, tenants, mostSlots, bounds);
  const loadIn = (startMs: number, forMs: number) =>
    toShownLoad(loadOf(intakes.get(startMs) ?? emptyIntake, forMs));
  return [
    {
      account_id: id,
      environments,
      slots: settingsOf(account).slots,
      this_hour: loadIn(hour, Math.max(leastMs, nowMs - hour)),
      last_hour: loadIn(hour - hourMs, hourMs),
    },
  ];
}

const toShownLoad = (load: Load): ShownLoad => ({
  events_per_second: rounded(load.events),
  records_per_second: rounded(load.records),
  bytes_per_second: Math.round(load.bytes),
  dollars_per_hour: rounded(dollarsPerHour(load)),
});

const rounded = (value: number): number => Number(value.toPrecision(4));

async function readTop(operator: Operator, limit: number, progress: Progress) {
  const records = await operator.records();
  const found = await findBusiest(operator, records);
  const nowMs = operator.clock.now();
  let read = 0;
  const accounts = await mapBounded(found.accounts, accountsAtOnce, async (each) => {
    const shown = await readAccount(operator, records, each, nowMs);
    read += 1;
    if (read % progressEvery === 0) progress(`${read} of ${found.accounts.length} accounts are read.`);
    return shown;
  });
  const dollars = accounts.flat().reduce((sum, { this_hour }) => sum + this_hour.dollars_per_hour, 0);
  const all = dollars + found.othersDollarsPerHour;
  const ranked = accounts
    .flat()
    .toSorted(
      (one, other) =>
        other.this_hour.dollars_per_hour - one.this_hour.dollars_per_hour ||
        other.last_hour.dollars_per_hour - one.last_hour.dollars_per_hour,
    )
    .map((each) => ({ ...each, share: all === 0 ? 0 : rounded(each.this_hour.dollars_per_hour / all) }));
  return { found, nowMs, accounts: ranked.slice(0, limit) };
}

function readLimit(text: string): number {
  const limit = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= mostListed) return limit;
  throw new InvalidArgumentError(`It is a number from 1 to ${mostListed}.`);
}

export const top = defineVerb({
  words: ['top'],
  summary: 'show the busiest accounts, by what they cost in this hour',
  examples: ['top', 'top --limit 5 --json'],
  options: (command) =>
    command.addOption(
      new Option('--limit <count>', `how many accounts to show, up to ${mostListed}`)
        .argParser(readLimit)
        .default(20),
    ),
  run: async (operator, { limit }, progress) => {
    const { found, nowMs, accounts } = await readTop(operator, limit, progress);
    return {
      json: {
        at: iso(nowMs),
        ranked_at: iso(found.atMs),
        unseen_environments: found.unseen,
        accounts,
        others_dollars_per_hour: rounded(found.othersDollarsPerHour),
      },
      text: [
        accounts.length === 0 ? 'No account has received anything.' : renderAccounts(accounts),
        '',
        ...wrapped([renderHour(nowMs), ...renderFound(found, nowMs), newcomers].join(' '), 80),
      ].join('\n'),
    };
  },
});

const renderAccounts = (accounts: readonly ShownAccount[]): string =>
  table(
    ['ACCOUNT', 'EVENTS/S', 'BATCHES/S', 'KB/S', '$/HOUR', 'SHARE', 'LAST HOUR $', 'SLOTS'],
    accounts.map(({ account_id, slots, share, this_hour, last_hour }) => [
      account_id,
      ...[
        renderRate(this_hour.events_per_second),
        renderRate(this_hour.records_per_second),
        renderRate(this_hour.bytes_per_second / 1000),
        this_hour.dollars_per_hour.toFixed(2),
        `${(100 * share).toFixed(0)} %`,
        last_hour.dollars_per_hour.toFixed(2),
      ],
      slots,
    ]),
  );

export const renderRate = (value: number): string =>
  value >= 10 || value === 0 ? renderNumber(Math.round(value)) : value.toPrecision(2);

const renderHour = (nowMs: number): string => {
  const hour = floorTo(nowMs, hourMs);
  return (
    `This hour so far, since ${renderMinute(hour)} UTC (${renderAge(nowMs - hour)}). Dollars are an estimate for ` +
    'requests, stream and writes at list prices, as if each event had a random id.'
  );
};

const newcomers = 'An account that began to send after that is missing here.';
