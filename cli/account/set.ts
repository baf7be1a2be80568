// `weir account set`: the tier of an account, and what differs from it. What is stored stays as it was accepted. A run that
// was interrupted is finished by running it again.

import { isDeepStrictEqual } from 'node:util';
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import {
  type Account,
  modesOf,
  planKeyAt,
  planKeyTiedAfterMs,
  type Settings,
  settingsOf,
  usesPlanKey,
  withSettings,
} from '../../domain/accounts/accounts.ts';
import { auditEntry, auditedAccount } from '../../domain/accounts/audit.ts';
import {
  type LimitModeName,
  type LimitModes,
  limitModeNames,
  limitModeRules,
  limitsModes,
} from '../../domain/accounts/limit-modes.ts';
import {
  allowedOf,
  isAllowed,
  type LimitName,
  type Limits,
  limitNames,
  limitRules,
  type TierName,
  tierNames,
} from '../../domain/accounts/tiers.ts';
import { quotaModes } from '../../domain/limits/quota.ts';
import type { StreamName } from '../../domain/record/streams.ts';
import { CliError, WrongUse } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { findAccount } from '../tenants.ts';
import { renderMinute } from '../terminal/instants.ts';
import { table } from '../terminal/table.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { isOnOtherPlan, prepareKey, settleKeys, usagePlanOf } from './plan-keys.ts';
import { renderSetting, type ShownAccount, shownSettings, toShownAccount } from './show.ts';
import { assertHasStream, streamOption } from './stream.ts';

export type SettingsRequest = {
  readonly tier?: TierName;
  readonly limits?: Partial<Limits>;
  readonly modes?: LimitModes;
  readonly stream?: StreamName | undefined;
  /** Those of the tier, or of the stage, are in force again. */
  readonly clear?: readonly SettingName[];
};

type SettingName = LimitName | LimitModeName;
const settingNames: readonly SettingName[] = [...limitNames, ...limitModeNames];
const fieldOf = (name: SettingName): string =>
  name === 'limitsMode' || name === 'quotaMode' ? limitModeRules[name].field : limitRules[name].field;

export type ChangedSettings = {
  readonly account_id: string;
  readonly before: ShownAccount;
  readonly after: ShownAccount;
  readonly changed: boolean;
};

export class SettingsChanged extends CliError {
  constructor(account: string) {
    super(
      `The settings of ${account} changed meanwhile. Nothing was changed by this command.`,
      `Look at them, and run the same again: weir account show --account ${account}`,
    );
  }
}

export class SetAndCleared extends WrongUse {
  constructor(name: SettingName) {
    super(`--${flagOf(name)} is set and cleared at once. Nothing was changed.`, 'Leave one of both out.');
  }
}

export async function setAccount(
  operator: Operator,
  account_id: string,
  { tier, limits = {}, modes = {}, clear = [], stream }: SettingsRequest,
): Promise<ChangedSettings> {
  const given = { ...limits, ...modes };
  const twice = clear.find((name) => given[name] !== undefined);
  if (twice) throw new SetAndCleared(twice);
  assertHasStream(operator, stream);
  const before = await findAccount(operator, account_id);
  const nowMs = operator.clock.now();
  const kept = <Of extends object>(settings: Of): Of =>
    Object.fromEntries(
      Object.entries(settings).filter(([name]) => !clear.includes(name as SettingName)),
    ) as Of;
  const settings: Settings = {
    tier: tier ?? before.tier,
    overrides: kept({ ...before.overrides, ...limits }),
    modes: kept({ ...modesOf(before), ...modes }),
    ...(stream && { stream }),
  };
  const after = await withPlanKey(operator, withSettings(before, settings, nowMs), nowMs);
  const changed = !isDeepStrictEqual(before, after);
  const entry = auditEntry(operator, nowMs, {
    account: account_id,
    what: 'account.changed',
    before: auditedAccount(before),
    after: auditedAccount(after),
  });
  const isInForce = !changed || (await operator.accounts.update(before, after, entry));
  // Also the key that was made in vain.
  await settleKeys(operator, account_id);
  if (!isInForce) throw new SettingsChanged(account_id);
  return { account_id, before: toShownAccount(before), after: toShownAccount(after), changed };
}

/** With a new key if the request rate is another one. The key of before is used until the new one is tied to its plan. */
async function withPlanKey(operator: Operator, account: Account, nowMs: number): Promise<Account> {
  const usagePlan = usagePlanOf(operator, settingsOf(account).requestsPerSecond);
  if (!(await isOnOtherPlan(operator, account, usagePlan))) return account;
  const isUsed = (value: string) => usesPlanKey(account, value, nowMs);
  const planKey = await prepareKey(operator, account.id, usagePlan, isUsed);
  const formerPlanKey = { value: planKeyAt(account, nowMs), untilMs: nowMs + planKeyTiedAfterMs };
  return { ...account, planKey, formerPlanKey };
}

const flagOf = (name: SettingName): string => fieldOf(name).replaceAll('_', '-');

const limitOption = (name: LimitName) =>
  new Option(`--${flagOf(name)} <number>`, allowedOf(name)).argParser((text): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    if (value !== undefined && isAllowed(name, value)) return value;
    throw new InvalidArgumentError(`It is ${allowedOf(name)}.`);
  });

function readCleared(text: string, before: readonly SettingName[] = []): readonly SettingName[] {
  const named = text.split(',').map((part) => {
    const name = settingNames.find((known) => flagOf(known) === part.trim());
    if (!name) throw new InvalidArgumentError(`Choose from ${settingNames.map(flagOf).join(', ')}.`);
    return name;
  });
  return [...before, ...named];
}

export const accountSet = defineVerb({
  words: ['account', 'set'],
  summary: 'change the tier of an account, or what differs from its tier',
  examples: [
    'account set --account acme --tier enterprise',
    'account set --account acme --requests-per-second 100 --slots 2',
    'account set --account acme --stream priority',
    'account set --account acme --limits observe',
    'account set --account acme --clear requests-per-second,limits',
  ],
  options: (command) => {
    const withOptions = command
      .addOption(requiredAccount())
      .addOption(new Option('--tier <name>', 'another tier').choices(tierNames))
      .addOption(streamOption('the stream that its batches go to from now on'))
      .addOption(
        new Option(
          '--clear <names>',
          'settings that are those of the tier again, such as slots,retention-days',
        ).argParser(readCleared),
      );
    for (const name of limitNames) withOptions.addOption(limitOption(name));
    return withOptions
      .addOption(
        new Option(
          '--limits <mode>',
          'observe: nothing is refused because of a limit or a quota, only counted',
        ).choices(limitsModes),
      )
      .addOption(
        new Option('--quotas <mode>', 'what becomes of events over a quota; the stage has a default').choices(
          quotaModes,
        ),
      );
  },
  run: async (
    operator,
    { account, tier, clear, stream, limits: limitsMode, quotas: quotaMode, ...given },
  ) => {
    const limits = Object.fromEntries(
      limitNames.flatMap((name) => {
        const value = (given as Readonly<Record<string, unknown>>)[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ) as Partial<Limits>;
    const changed = await setAccount(operator, account, {
      limits,
      modes: modesOf({ limitsMode, quotaMode }),
      stream,
      ...(tier && { tier }),
      ...(clear && { clear }),
    });
    return { json: changed, text: renderChange(changed, operator.clock.now()) };
  },
});

const shownFields = ['tier', 'stream', ...shownSettings] as const;

function renderChange({ account_id, before, after, changed }: ChangedSettings, nowMs: number): string {
  if (!changed) return `The account ${account_id} has these settings already.`;
  const shown = (account: ShownAccount, field: string) => {
    const value = (account as Readonly<Record<string, unknown>>)[field];
    const isOwn = account.overrides.includes(field);
    return `${renderSetting(value)}${isOwn ? ' (own)' : ''}`;
  };
  const rows = shownFields
    .map((field) => [field, shown(before, field), shown(after, field)])
    .filter(([, from, to]) => from !== to);
  const isOtherRate = before.requests_per_second !== after.requests_per_second;
  const isShorter = after.retention_days < before.retention_days;
  return [
    ...(rows.length > 0 ? [table(['SETTING', 'BEFORE', 'AFTER'], rows)] : []),
    `In force after 30 seconds at the latest, and new slots after a minute. What is stored stays as it is.`,
    ...(isShorter
      ? [
          `Events of more than ${after.retention_days} days ago are hidden from then on, also after the retention is raised again.`,
        ]
      : []),
    ...(isOtherRate
      ? [
          `The request rate is in force from ${renderMinute(nowMs + planKeyTiedAfterMs)} UTC on: API Gateway takes minutes.`,
        ]
      : []),
  ].join('\n');
}
