// Accounts, and what a request is judged by.

import type { StreamName, WrittenSlots } from '../record/streams.ts';
import { minuteMs } from '../system/time.ts';
import type { ApiKey, LastUse } from './api-keys.ts';
import { type LimitModes, limitModeNames, limitModeRules } from './limit-modes.ts';
import { type Former, formerRetentionsAfter } from './retention.ts';
import { type Limits, limitNames, limitRules, type Tier, type TierName, tiers } from './tiers.ts';

export type AccountStatus = 'active' | 'suspended';

/** What a suspension refuses besides requests that send or change something, and who is suspended with the account. */
export type Suspension = {
  /** Also requests that read. */
  readonly reads: boolean;
  /** All accounts of this tier were suspended, and are resumed together. */
  readonly ofTier?: TierName;
};

export type Account = LimitModes & {
  readonly id: string;
  readonly createdAtMs: number;
  readonly tier: TierName;
  /** What differs from the tier. */
  readonly overrides: Partial<Limits>;
  readonly status: AccountStatus;
  /** Absent if the account is active. */
  readonly suspension?: Suspension;
  /** The most slots that the account ever had, on both streams. Readers read all of them. */
  readonly mostSlots: number;
  /** So many are used until all readers know of more. */
  readonly formerMostSlots?: Former<number>;
  /** In days. What was received under them expires earlier than what is received now. */
  readonly formerRetentions?: readonly Former<number>[];
  /** New batches go to this stream. Absent: to the standard one. */
  readonly stream?: 'priority';
  /** The slots that are on the priority stream, for ever. All others are on the standard one. */
  readonly prioritySlots?: readonly number[];
  /** Raised when the account is deleted. Part of every key of its data. */
  readonly generation: number;
  /** The value of the account's API Gateway key. It ties the account to a usage plan and grants no access. */
  readonly planKey: string;
  /** The one of before a change of the request rate: API Gateway takes minutes to tie a new one to its plan. */
  readonly formerPlanKey?: Former<string>;
  /** The name of the personal-data policy in force. Absent if the account has none. */
  readonly policy?: string;
  /** The version of the account's signing secrets. Absent if its requests need no signature. */
  readonly signing?: string;
};

type HasSlots = Pick<Account, 'mostSlots' | 'stream' | 'prioritySlots'>;

export const streamOf = ({ stream }: Pick<Account, 'stream'>): StreamName => stream ?? 'standard';

/**
 * The settings of the tier, and over them those of the account. Never more slots than it has on its stream, also if the
 * tier has more by now than when the account got it.
 */
export function settingsOf(account: Pick<Account, 'tier' | 'overrides'> & HasSlots): Tier {
  const settings = { ...tiers[account.tier], ...account.overrides };
  return { ...settings, slots: Math.min(settings.slots, slotsOn(streamOf(account), account).length) };
}

/** Which settings are the account's own, rather than those of its tier or stage, as verbs name them. */
export const ownSettings = (account: Pick<Account, 'overrides'> & LimitModes): string[] => [
  ...limitNames.filter((name) => account.overrides[name] !== undefined).map((name) => limitRules[name].field),
  ...limitModeNames.filter((name) => account[name] !== undefined).map((name) => limitModeRules[name].field),
];

/** Of a new account. All slots that it has are on its stream. */
export const firstSlots = (slots: number, stream: StreamName): HasSlots =>
  withSlots({ mostSlots: 0 }, slots, stream);

/**
 * Other settings. A slot never changes its stream: where the account has too few on the one that it is to be on, it gets
 * new ones. What is stored stays where it is, so that the slots of before are read on.
 */
export function withSettings(
  before: Account,
  { tier, overrides, stream = streamOf(before), modes = modesOf(before) }: Settings,
  nowMs: number,
): Account {
  const { slots } = { ...tiers[tier], ...overrides };
  const { stream: _, limitsMode: __, quotaMode: ___, ...others } = before;
  const changed: Account = { ...others, tier, overrides, ...modes, ...withSlots(before, slots, stream) };
  const after = withRetention(before, changed, nowMs);
  if (after.mostSlots === before.mostSlots) return after;
  const value = inForce(before.formerMostSlots, nowMs) ?? before.mostSlots;
  return { ...after, formerMostSlots: { value, untilMs: nowMs + readersKnowAfterMs } };
}

/** `stream` and `modes`: absent if they stay. */
export type Settings = Pick<Account, 'tier' | 'overrides'> & {
  readonly stream?: StreamName;
  readonly modes?: LimitModes;
};

/** Those of its own. */
export const modesOf = ({ limitsMode, quotaMode }: LimitModes): LimitModes => ({
  ...(limitsMode && { limitsMode }),
  ...(quotaMode && { quotaMode }),
});

function withSlots(before: HasSlots, slots: number, stream: StreamName): HasSlots {
  const missing = Math.max(0, slots - slotsOn(stream, before).length);
  const added = Array.from({ length: missing }, (_none, index) => before.mostSlots + index);
  const prioritySlots = [...(before.prioritySlots ?? []), ...(stream === 'priority' ? added : [])];
  return {
    mostSlots: before.mostSlots + missing,
    ...(stream === 'priority' && { stream }),
    ...(prioritySlots.length > 0 && { prioritySlots }),
  };
}

function withRetention(before: Account, after: Account, nowMs: number): Account {
  const { retentionDays } = settingsOf(before);
  const toDays = settingsOf(after).retentionDays;
  if (toDays === retentionDays) return after;
  const { formerRetentions, ...others } = after;
  const former = formerRetentionsAfter(
    { retentionDays, ...(formerRetentions && { formerRetentions }) },
    { toDays, untilMs: nowMs + allKnowAfterMs, nowMs },
  );
  return former.length > 0 ? { ...others, formerRetentions: former } : others;
}

/** In their order. Later ones come behind. */
function slotsOn(stream: StreamName, { mostSlots, prioritySlots = [] }: HasSlots): readonly number[] {
  if (stream === 'priority') return prioritySlots;
  const all = Array.from({ length: mostSlots }, (_none, slot) => slot);
  return all.filter((slot) => !prioritySlots.includes(slot));
}

/**
 * How long authorize acts on what it has read of a principal. So long can a revoked key be accepted, and a change of the
 * settings of an account be without effect.
 */
export const longestPrincipalAgeMs = 30_000;

/** The same while the accounts table cannot be read: then an instance goes on with what it knows. */
export const longestPrincipalAgeWithoutTableMs = 10 * minuteMs;

/** With room for clocks that differ. */
const readersKnowAfterMs = 2 * longestPrincipalAgeMs;

/** Also while the accounts table cannot be read. */
const allKnowAfterMs = longestPrincipalAgeWithoutTableMs + longestPrincipalAgeMs;

/** Where new batches go at this time. Until readers know a slot of a new stream, that is the stream of before. */
export function slotsAt(account: Account, nowMs: number): WrittenSlots {
  const { slots } = { ...tiers[account.tier], ...account.overrides };
  const known = inForce(account.formerMostSlots, nowMs) ?? account.mostSlots;
  const on = (stream: StreamName): WrittenSlots => ({
    stream,
    slots: slotsOn(stream, account)
      .filter((slot) => slot < known)
      .slice(0, slots),
  });
  const own = on(streamOf(account));
  return own.slots.length > 0 ? own : on(own.stream === 'standard' ? 'priority' : 'standard');
}

/** API Gateway takes some minutes to tie a key to a plan. Until then requests with it are refused. */
export const planKeyTiedAfterMs = 10 * minuteMs;

export const planKeyAt = (account: Account, nowMs: number): string =>
  inForce(account.formerPlanKey, nowMs) ?? account.planKey;

/** Authorize may have read the account before the former one ended. */
export const usesPlanKey = ({ planKey, formerPlanKey }: Account, value: string, nowMs: number): boolean =>
  value === planKey || (value === formerPlanKey?.value && nowMs < formerPlanKey.untilMs + readersKnowAfterMs);

const inForce = <Of>(former: Former<Of> | undefined, nowMs: number): Of | undefined =>
  former && nowMs < former.untilMs ? former.value : undefined;

/** Whether the account is suspended for requests of this method. */
export const isSuspendedFor = (
  { status, suspension }: Pick<Account, 'status' | 'suspension'>,
  method: string,
): boolean => status === 'suspended' && (suspension?.reads !== false || !['GET', 'HEAD'].includes(method));

/** Of an account that was deleted and created again, keys of before are nobody's. */
export const ownsKey = (
  { id, generation }: Pick<Account, 'id' | 'generation'>,
  key: Pick<ApiKey, 'account' | 'generation'>,
): boolean => key.account === id && key.generation === generation;

/** What a request is judged by: an API key and the settings of its account. `lastUse` is absent for a key never used. */
export type Principal = { readonly key: ApiKey; readonly account: Account; readonly lastUse?: LastUse };
