// `weir account show`: the settings of an account.

import {
  type Account,
  type AccountStatus,
  ownSettings,
  settingsOf,
  streamOf,
} from '../../domain/accounts/accounts.ts';
import { stateOf } from '../../domain/accounts/api-keys.ts';
import { type LimitsMode, limitModeNames, limitModeRules } from '../../domain/accounts/limit-modes.ts';
import { limitNames, limitRules, type TierName } from '../../domain/accounts/tiers.ts';
import type { QuotaMode } from '../../domain/limits/quota.ts';
import type { StreamName } from '../../domain/record/streams.ts';
import { iso } from '../../domain/system/time.ts';
import type { Operator } from '../operator.ts';
import { findAccount } from '../tenants.ts';
import { renderMinute } from '../terminal/instants.ts';
import { table } from '../terminal/table.ts';
import { defineVerb, requiredAccount } from '../verb.ts';

/** The plan key is left out: it is no secret, and of no use to anybody. */
export type ShownAccount = {
  readonly account_id: string;
  readonly created_at: string;
  readonly status: AccountStatus;
  /** Null if the account is active. */
  readonly suspension: {
    readonly reads: 'allowed' | 'refused';
    readonly all_of_tier: TierName | null;
  } | null;
  readonly tier: TierName;
  readonly stream: StreamName;
  readonly requests_per_second: number;
  readonly events_per_minute: number;
  readonly events_per_day: number;
  readonly events_per_month: number;
  readonly summary_reads_per_minute: number;
  readonly slots: number;
  readonly retention_days: number;
  readonly keep_rejected_days: number;
  readonly shed: 'first' | 'last';
  readonly limits: LimitsMode;
  /** Null: that of the stage. */
  readonly quotas: QuotaMode | null;
  /** Which of the settings are the account's own, rather than those of its tier. */
  readonly overrides: readonly string[];
  readonly most_slots: number;
  /** Those of them that are on the priority stream. */
  readonly priority_slots: readonly number[];
  readonly generation: number;
  readonly policy_name: string | null;
  readonly signing: boolean;
};

export function toShownAccount(account: Account): ShownAccount {
  const settings = settingsOf(account);
  const { suspension } = account;
  return {
    account_id: account.id,
    created_at: iso(account.createdAtMs),
    status: account.status,
    suspension: suspension
      ? { reads: suspension.reads ? 'refused' : 'allowed', all_of_tier: suspension.ofTier ?? null }
      : null,
    tier: account.tier,
    stream: streamOf(account),
    requests_per_second: settings.requestsPerSecond,
    events_per_minute: settings.eventsPerMinute,
    events_per_day: settings.eventsPerDay,
    events_per_month: settings.eventsPerMonth,
    summary_reads_per_minute: settings.summaryReadsPerMinute,
    slots: settings.slots,
    retention_days: settings.retentionDays,
    keep_rejected_days: settings.keepRejectedDays,
    shed: settings.shed,
    limits: account.limitsMode ?? 'enforce',
    quotas: account.quotaMode ?? null,
    overrides: ownSettings(account),
    most_slots: account.mostSlots,
    priority_slots: account.prioritySlots ?? [],
    generation: account.generation,
    policy_name: account.policy ?? null,
    signing: account.signing !== undefined,
  };
}

type AccountWithKeys = ShownAccount & {
  readonly live_keys: number;
  readonly environments: readonly string[];
};

async function showAccount(operator: Operator, account_id: string): Promise<AccountWithKeys> {
  const account = await findAccount(operator, account_id);
  const nowMs = operator.clock.now();
  const keys = (await operator.keys.list(account_id)).map(({ key }) => key);
  return {
    ...toShownAccount(account),
    live_keys: keys.filter((key) => stateOf(key, nowMs) === 'live').length,
    environments: [...new Set(keys.map(({ environment }) => environment))].toSorted(),
  };
}

/** In the order in which they are shown. */
export const shownSettings = [
  ...limitNames.map((name) => limitRules[name].field),
  ...limitModeNames.map((name) => limitModeRules[name].field),
  'shed',
] as const;

const isMode = (field: string): boolean =>
  limitModeNames.some((name) => limitModeRules[name].field === field);

export const renderSetting = (value: unknown): string =>
  typeof value === 'number' ? renderNumber(value) : String(value ?? 'as the stage');

export const renderNumber = (value: number): string => value.toLocaleString('en-US');

export const accountShow = defineVerb({
  words: ['account', 'show'],
  summary: 'show the settings of an account',
  examples: ['account show --account acme'],
  options: (command) => command.addOption(requiredAccount()),
  run: async (operator, { account }) => {
    const shown = await showAccount(operator, account);
    return { json: shown, text: renderAccount(shown) };
  },
});

function renderAccount(shown: AccountWithKeys): string {
  const { suspension } = shown;
  const howSuspended = suspension
    ? `: reads are ${suspension.reads}${suspension.all_of_tier ? `, with all of ${suspension.all_of_tier}` : ''}`
    : '';
  const settings = shownSettings.map((field) => {
    const value = (shown as Readonly<Record<string, unknown>>)[field];
    return [
      field,
      renderSetting(value),
      shown.overrides.includes(field) ? 'account' : isMode(field) ? 'stage' : 'tier',
    ];
  });
  return [
    `account       ${shown.account_id}`,
    `created       ${renderMinute(Date.parse(shown.created_at))} UTC`,
    `status        ${shown.status}${howSuspended}`,
    `tier          ${shown.tier}`,
    `stream        ${shown.stream}`,
    `environments  ${shown.environments.join(', ')}`,
    `live keys     ${shown.live_keys}`,
    `policy        ${shown.policy_name ?? 'none'}`,
    `signing       ${shown.signing ? 'has signing secrets' : 'none'}`,
    '',
    table(['SETTING', 'VALUE', 'OF'], settings),
  ].join('\n');
}
