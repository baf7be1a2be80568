// The caller of a request, as the authorizer passes it to the functions: API Gateway carries a flat map of strings.

import type { LimitsMode } from '../../domain/accounts/limit-modes.ts';
import type { Former, Retention } from '../../domain/accounts/retention.ts';
import type { Role } from '../../domain/accounts/roles.ts';
import { type Limits, limitRules, type TierName } from '../../domain/accounts/tiers.ts';
import type { Scope } from '../../domain/api/routes.ts';
import type { Sender, Tenant } from '../../domain/keys.ts';
import type { QuotaMode } from '../../domain/limits/quota.ts';
import type { StreamName, WrittenSlots } from '../../domain/record/streams.ts';

const limitsCarried = [
  'requestsPerSecond',
  'eventsPerMinute',
  'eventsPerDay',
  'eventsPerMonth',
  'summaryReadsPerMinute',
] as const;
export type LimitsOfCaller = Pick<Limits, (typeof limitsCarried)[number]>;

export const limitsOf = (settings: LimitsOfCaller): LimitsOfCaller =>
  Object.fromEntries(limitsCarried.map((name) => [name, settings[name]])) as LimitsOfCaller;

type OfAccount = LimitsOfCaller &
  WrittenSlots &
  Retention & {
    readonly tenant: Tenant;
    readonly tier: TierName;
    readonly mostSlots: number;
    readonly limitsMode: LimitsMode;
    /** Absent: that of the stage. */
    readonly quotaMode?: QuotaMode;
    /** Absent: rejected events are not kept. */
    readonly keepRejectedDays?: number;
    readonly policy?: string;
    readonly signing?: string;
  };

/** A program, by its API key. */
export type KeyCaller = OfAccount & {
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  /** Of a public key. */
  readonly page?: Page;
};
/** From a page of this origin, by a key that may send so much. */
export type Page = { readonly origin: string; readonly eventsPerMinute: number };
/** A member of the account, by a token of the stage's issuer. */
export type PersonCaller = OfAccount & {
  readonly person: string;
  readonly role: Role;
  /** A claim of the token holds for as long as the token. A membership can end before. */
  readonly roleBy: 'claim' | 'membership';
};
export type Caller = KeyCaller | PersonCaller;

export type CallerContext = Record<string, string>;

export const toContext = (caller: Caller): CallerContext => ({
  account_id: caller.tenant.account,
  environment: caller.tenant.environment,
  generation: String(caller.tenant.generation),
  ...('person' in caller
    ? { person: caller.person, role: caller.role, role_by: caller.roleBy }
    : {
        key_id: caller.keyId,
        scopes: caller.scopes.join(' '),
        ...(caller.page && {
          page_origin: caller.page.origin,
          page_events_per_minute: String(caller.page.eventsPerMinute),
        }),
      }),
  tier: caller.tier,
  stream: caller.stream,
  slots: caller.slots.join(' '),
  most_slots: String(caller.mostSlots),
  retention_days: String(caller.retentionDays),
  ...(caller.formerRetentions && { former_retentions: toText(caller.formerRetentions) }),
  ...Object.fromEntries(limitsCarried.map((name) => [limitRules[name].field, String(caller[name])])),
  limits_mode: caller.limitsMode,
  ...(caller.quotaMode && { quota_mode: caller.quotaMode }),
  ...(caller.keepRejectedDays && { keep_rejected_days: String(caller.keepRejectedDays) }),
  ...(caller.policy && { policy: caller.policy }),
  ...(caller.signing && { signing: caller.signing }),
});

export function fromContext(context: Readonly<Record<string, unknown>> | null | undefined): Caller {
  const {
    account_id,
    environment,
    generation,
    key_id,
    scopes,
    page_origin,
    page_events_per_minute,
    person,
    role,
    role_by,
    tier,
    limits_mode,
    quota_mode,
    stream,
    slots,
    former_retentions,
    keep_rejected_days,
    policy,
    signing,
    ...numbers
  } = context ?? {};
  if (!account_id || !environment || !(key_id || person))
    throw new Error('The request has no caller. Its route needs the authorizer: see lib/api/routes.ts.');
  return {
    tenant: { account: String(account_id), environment: String(environment), generation: Number(generation) },
    ...(person
      ? { person: String(person), role: String(role) as Role, roleBy: role_by as PersonCaller['roleBy'] }
      : {
          keyId: String(key_id),
          scopes: String(scopes).split(' ') as Scope[],
          ...(page_origin
            ? { page: { origin: String(page_origin), eventsPerMinute: Number(page_events_per_minute) } }
            : {}),
        }),
    tier: String(tier) as TierName,
    stream: stream as StreamName,
    slots: String(slots).split(' ').map(Number),
    mostSlots: Number(numbers.most_slots),
    retentionDays: Number(numbers.retention_days),
    ...(former_retentions ? { formerRetentions: fromText(String(former_retentions)) } : {}),
    ...(Object.fromEntries(
      limitsCarried.map((name) => [name, Number(numbers[limitRules[name].field])]),
    ) as LimitsOfCaller),
    limitsMode: limits_mode as LimitsMode,
    ...(quota_mode ? { quotaMode: quota_mode as QuotaMode } : {}),
    ...(keep_rejected_days ? { keepRejectedDays: Number(keep_rejected_days) } : {}),
    ...(policy ? { policy: String(policy) } : {}),
    ...(signing ? { signing: String(signing) } : {}),
  };
}

const toText = (former: readonly Former<number>[]): string =>
  former.map(({ value, untilMs }) => `${value}@${untilMs}`).join(' ');

const fromText = (text: string): Former<number>[] =>
  text.split(' ').map((each) => {
    const [value, untilMs] = each.split('@').map(Number);
    return { value: Number(value), untilMs: Number(untilMs) };
  });

export const pageOf = (caller: Caller): Page | undefined => ('page' in caller ? caller.page : undefined);

/** What is kept of a caller who sends. */
export const senderOf = (caller: Caller): Sender => ({
  ...caller.tenant,
  ...('page' in caller && caller.page && { publicKey: caller.keyId }),
});

/** As the audit log names the caller. */
export const actorOf = (caller: Caller): string =>
  'person' in caller ? `person ${caller.person}` : `key ${caller.keyId}`;
