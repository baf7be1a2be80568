// The one place that makes keys, so that isolation between accounts and environments is decided here:
// every key of tenant data begins with `account#environment`, and neither part can contain a `#`.

const accountPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
const environmentPattern = /^[a-z][a-z0-9-]{0,31}$/;

/** Times before 2286 in the order of their texts. */
const sortableTime = (instantMs: number): string => String(instantMs).padStart(13, '0');

export type Tenant = { readonly account: string; readonly environment: string };

export class InvalidTenant extends Error {
  override readonly name = 'InvalidTenant';
}

const accountRule = 'An account id is a-z, 0-9 and "-", at most 63 long.';

export const isAccountId = (value: string): boolean => accountPattern.test(value);
export const isEnvironment = (value: string): boolean => environmentPattern.test(value);

export function tenantKey({ account, environment }: Tenant): string {
  if (!isAccountId(account)) throw new InvalidTenant(accountRule);
  if (!isEnvironment(environment)) {
    throw new InvalidTenant('An environment is a-z, 0-9 and "-", begins with a letter, at most 32 long.');
  }
  return `${account}#${environment}`;
}

/** Partition of pages and aggregates. */
export const slotKey = (tenant: Tenant, slot: number): string => `${tenantKey(tenant)}#${slot}`;
/** What is one for all slots of an account lies with the first. */
export const firstSlotKeySuffix = '#0';

/** Late events travel under a key of their own, so that a backfill cannot hold up live traffic. */
export const streamKey = (tenant: Tenant, slot: number, late: boolean): string =>
  late ? `${slotKey(tenant, slot)}#late` : slotKey(tenant, slot);

/** Whose a stream record is by its key alone, of one whose header cannot be read. */
export function tenantOfStreamKey(key: string): Tenant {
  const [account = '', environment = ''] = key.split('#');
  return { account, environment };
}

export const identityKey = (tenant: Tenant, eventId: string): string => `${tenantKey(tenant)}#${eventId}`;

export const pageSortKey = (
  widthSeconds: number,
  windowStartMs: number,
  recordId: string,
  part: number,
): string => `${String(widthSeconds).padStart(2, '0')}#${sortableTime(windowStartMs)}#${recordId}#${part}`;

export const markSortKey = (dayMs: number): string => `mark#${new Date(dayMs).toISOString().slice(0, 10)}`;
export const daySortKey = (dayMs: number): string => `day#${new Date(dayMs).toISOString().slice(0, 10)}`;

export const documentSortKey = (kind: 'hour' | 'intake', hourMs: number): string =>
  `${kind}#${new Date(hourMs).toISOString().slice(0, 13)}`;

export const receiptKey = (tenant: Tenant, batchId: string): string =>
  `receipt#${tenantKey(tenant)}#${batchId}`;
export const receiptSortKey = (part: number): string => `part#${String(part).padStart(5, '0')}`;

/** The list of what of a tenant was set aside, in the ledger. */
export const quarantineKeyPrefix = 'quarantine#';
export const quarantineKey = (tenant: Tenant): string => `${quarantineKeyPrefix}${tenantKey(tenant)}`;
export const quarantineSortKey = (receivedAtMs: number, recordId = ''): string =>
  `${sortableTime(receivedAtMs)}#${recordId}`;

/** Names in the bucket of failed records. Lambda's own begin with `aws/lambda/`. */
export const lambdaPrefix = 'aws/lambda/';
export const unreadablePrefix = 'unreadable/';
export const unreadableName = (sequenceNumber: string): string => `${unreadablePrefix}${sequenceNumber}`;
export const payloadPrefix = 'quarantine/';
export const payloadName = (tenant: Tenant, recordId: string): string =>
  `${payloadPrefix}${tenantKey(tenant).replace('#', '/')}/${recordId}`;

export const accountKeyPrefix = 'account#';
export const accountKey = (account: string): string => `${accountKeyPrefix}${account}`;
export const accountSettingsSortKey = 'settings';
export const policySortKey = (name: string): string => `policy#${name}`;
export const signingSecretsSortKey = 'signing-secrets';
export const apiKeyKey = (keyId: string): string => `key#${keyId}`;
export const apiKeySortKey = 'key';

export const idempotencyKeyPrefix = 'idempotency#';
/** `name` is a digest: what the client sent may hold any character. */
export const idempotencyKey = (tenant: Tenant, name: string): string =>
  `${idempotencyKeyPrefix}${tenantKey(tenant)}#${name}`;
export const usedSignaturePrefix = 'signature#';
/** Of an account, whatever the environment: its secrets sign for all of them, and a signature is good once. */
export const usedSignatureKey = (account: string, digest: string): string => {
  if (!isAccountId(account)) throw new InvalidTenant(accountRule);
  return `${usedSignaturePrefix}${account}#${digest}`;
};
export const onlySortKey = 'only';

/** Platform-wide, in the ledger: what has to be done later, by the time when it is due. */
export const jobsKey = 'platform#chores';
export const jobSortKey = (dueAtMs: number, name = ''): string => `${sortableTime(dueAtMs)}#${name}`;

/** Platform-wide too. */
export const platformKeyKey = 'platform#signing-key';
export const platformKeySortKey = 'current';
