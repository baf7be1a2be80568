// `weir usage`: the limits of an account, and what is used of them in each of its environments.

import { type Account, settingsOf } from '../domain/accounts/accounts.ts';
import { eventsPerMinuteAt } from '../domain/limits/off-peak.ts';
import type { StageLimits } from '../domain/limits/stage-limits.ts';
import { type Usage, usageOf } from '../domain/limits/usage.ts';
import { renderNumber } from './account/show.ts';
import type { Operator } from './operator.ts';
import { findAccount, UnknownEnvironment } from './tenants.ts';
import { renderMinute } from './terminal/instants.ts';
import { table } from './terminal/table.ts';
import { defineVerb, requiredAccount } from './verb.ts';

export const usage = defineVerb({
  words: ['usage'],
  summary: 'show what an account has used of its limits, and when they reset',
  examples: ['usage --account acme', 'usage --account acme --environment staging --json'],
  options: (command) =>
    command.addOption(requiredAccount()).option('--environment <name>', 'one environment; without it all'),
  run: async (operator, { account: id, environment }) => {
    const account = await findAccount(operator, id);
    const keys = await operator.keys.list(id);
    const known = [...new Set(keys.map(({ key }) => key.environment))].toSorted();
    if (environment !== undefined && !known.includes(environment))
      throw new UnknownEnvironment({ account: id, environment }, known);
    const shown = environment === undefined ? known : [environment];
    const used = await Promise.all(shown.map((each) => usageIn(operator, account, each)));
    return { json: { usage: used }, text: used.map(renderUsage).join('\n\n') };
  },
});

async function usageIn(operator: Operator, account: Account, environment: string): Promise<Usage> {
  const nowMs = operator.clock.now();
  const tenant = { account: account.id, environment, generation: account.generation };
  const [events, summaryReads] = await Promise.all([
    operator.eventUse.find(tenant, nowMs),
    operator.summaryReadUse.find(tenant, nowMs),
  ]);
  const { quotas, offPeak } = JSON.parse(operator.output('Limits')) as StageLimits;
  const settings = settingsOf(account);
  const limits = {
    ...settings,
    eventsPerMinute: eventsPerMinuteAt(settings.eventsPerMinute, offPeak, nowMs),
  };
  const of = { tenant, tier: account.tier, limits, modes: account };
  return usageOf({ ...of, stageQuotaMode: quotas, events, summaryReads }, nowMs);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** On 80 columns: quotas that reset, and rates that come back evenly. */
function renderUsage(shown: Usage): string {
  const quotas = [
    { what: 'events a day', ...shown.events_per_day },
    { what: 'events a month', ...shown.events_per_month },
  ].map(({ what, limit, used, share, projected, over, mode }) => [
    what,
    renderNumber(limit),
    renderNumber(used),
    percent(share),
    renderNumber(projected),
    renderNumber(over),
    mode,
  ]);
  const rates = [
    { what: 'events a minute', ...shown.events_per_minute },
    { what: 'summary reads a minute', ...shown.summary_reads_per_minute },
  ].map(({ what, limit, left, mode }) => [what, renderNumber(limit), renderNumber(left), mode]);
  const { account_id, environment, tier, requests_per_second, events_per_day, events_per_month } = shown;
  return [
    `${account_id}, ${environment}: ${tier}, at most ${requests_per_second.limit} requests a second`,
    '',
    table(['QUOTA', 'LIMIT', 'USED', 'SHARE', 'PROJECTED', 'OVER', 'MODE'], quotas),
    `They reset at ${renderReset(events_per_day)} and ${renderReset(events_per_month)} UTC.`,
    '',
    table(['RATE', 'LIMIT', 'LEFT NOW', 'MODE'], rates),
  ].join('\n');
}

const renderReset = ({ resets_at }: Usage['events_per_day']): string => renderMinute(Date.parse(resets_at));
