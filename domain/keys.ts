// All keys are made here, so that this one file decides the isolation between accounts and environments. Every key of
// tenant data contains `account#environment`, and neither part can contain a `#`.

const accountPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
const environmentPattern = /^[a-z][a-z0-9-]{0,31}$/;

/** Sorts as text in the order of time, until the year 2286. */
const sortableTime = (instantMs: number): string => String(instantMs).padStart(13, '0');

export type Tenant = { readonly account: string; readonly environment: string };

export class InvalidTenant extends Error {
  override readonly name = 'InvalidTenant';
}

const accountRule = 'An account id is 1-63 characters of a-z, 0-9 and "-", and does not begin with "-".';

export const isAccountId = (value: string): boolean => accountPattern.test(value);
export const isEnvironment = (value: string): boolean => environmentPattern.test(value);

export function tenantKey({ account, environment }: Tenant): string {
  if (!isAccountId(account)) throw new InvalidTenant(accountRule);
  if (!isEnvironment(environment)) {
    throw new InvalidTenant(
      'An environment is 1-32 characters of a-z, 0-9 and "-", and begins with a letter.',
    );
  }
  return `${account}#${environment}`;
}

/** Partition key of pages, hour documents and intake documents. */
export const slotKey = (tenant: Tenant, slot: number): string => `${tenantKey(tenant)}#${slot}`;
/** Day documents and marks cover all slots of an account. They are stored in the partition of the first slot. */
export const firstSlotKeySuffix = '#0';

/** Late events have a partition key of their own, so that a backfill does not delay live traffic. */
export const streamKey = (tenant: Tenant, slot: number, late: boolean): string =>
  late ? `${slotKey(tenant, slot)}#late` : slotKey(tenant, slot);

/** The tenant of a stream record whose header cannot be read. */
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

/** The quarantine entries of a tenant, in the ledger. */
export const quarantineKeyPrefix = 'quarantine#';
export const quarantineKey = (tenant: Tenant): string => `${quarantineKeyPrefix}${tenantKey(tenant)}`;
export const quarantineSortKey = (receivedAtMs: number, recordId = ''): string =>
  `${sortableTime(receivedAtMs)}#${recordId}`;

/** Object names in the failed-records bucket. Lambda chooses the names of dead letters. */
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
/** `name` is a digest, because the key of the client may contain any character. */
export const idempotencyKey = (tenant: Tenant, name: string): string =>
  `${idempotencyKeyPrefix}${tenantKey(tenant)}#${name}`;
export const usedSignaturePrefix = 'signature#';
/** Names no environment: a signing secret is valid in all of them, and each signature only once. */
export const usedSignatureKey = (account: string, digest: string): string => {
  if (!isAccountId(account)) throw new InvalidTenant(accountRule);
  return `${usedSignaturePrefix}${account}#${digest}`;
};
export const onlySortKey = 'only';

/** The jobs of all tenants, in the ledger, in the order in which they are due. Stored keys never change their names. */
export const jobsKey = 'platform#chores';
export const jobSortKey = (dueAtMs: number, name = ''): string => `${sortableTime(dueAtMs)}#${name}`;

/** One item for the whole platform, in the ledger. */
export const platformKeyKey = 'platform#signing-key';
export const platformKeySortKey = 'current';
