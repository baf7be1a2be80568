// All keys are made here, so that this one file decides the isolation between accounts and environments. Every key of
// tenant data contains `account#environment#generation`, and no part can contain a `#`.

const accountPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
const environmentPattern = /^[a-z][a-z0-9-]{0,31}$/;

/** Sorts as text in the order of time, until the year 2286. */
const sortableTime = (instantMs: number): string => String(instantMs).padStart(13, '0');

/**
 * The generation is a number of the account, which its deletion raises: keys of an older one lead nowhere any more, before
 * the data behind them is deleted.
 */
export type Tenant = {
  readonly account: string;
  readonly environment: string;
  readonly generation: number;
};

export class InvalidTenant extends Error {
  override readonly name = 'InvalidTenant';
}

const accountRule = 'An account id is 1-63 characters of a-z, 0-9 and "-", and does not begin with "-".';

export const isAccountId = (value: string): boolean => accountPattern.test(value);
/** A batch id has two bytes for it. */
export const isGeneration = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= 0xffff;
export const isEnvironment = (value: string): boolean => environmentPattern.test(value);

export function tenantKey({ account, environment, generation }: Tenant): string {
  if (!isAccountId(account)) throw new InvalidTenant(accountRule);
  if (!isEnvironment(environment)) {
    throw new InvalidTenant(
      'An environment is 1-32 characters of a-z, 0-9 and "-", and begins with a letter.',
    );
  }
  if (!isGeneration(generation)) throw new InvalidTenant('A generation is a whole number from 0 to 65,535.');
  return `${account}#${environment}#${generation}`;
}

/**
 * Who sends for a tenant: its own programs together, or whoever has a public key of it. What is kept of one is not that of the
 * other, so that visitors of a page take nothing from servers.
 */
export type Sender = Tenant & { readonly publicKey?: string };
export const senderKey = ({ publicKey, ...tenant }: Sender): string =>
  publicKey === undefined ? tenantKey(tenant) : `${tenantKey(tenant)}#${publicKey}`;

/** Partition key of pages. */
export const slotKey = (tenant: Tenant, slot: number): string => `${tenantKey(tenant)}#${slot}`;
/**
 * Partition key of day documents and marks, which cover all lanes of a tenant. By itself, so that a role can be allowed to
 * write folds and no counts.
 */
export const daysKey = (tenant: Tenant): string => `${tenantKey(tenant)}${daysKeySuffix}`;
export const daysKeySuffix = '#days';

/** Late events have a partition key of their own, so that a backfill does not delay live traffic. */
export const streamKey = (tenant: Tenant, slot: number, late: boolean): string =>
  late ? `${slotKey(tenant, slot)}#late` : slotKey(tenant, slot);

/**
 * What is counted together: one slot, and in it live or late events. Its receipts and runs have one partition, its
 * documents another.
 */
export type Lane = { readonly tenant: Tenant; readonly slot: number; readonly late: boolean };
/** Partition key of the documents of a lane. */
export const laneKey = ({ tenant, slot, late }: Lane): string => streamKey(tenant, slot, late);
/** `slots`: how many slots the tenant ever had. Lanes of a smaller number come first. */
export const lanesOf = (tenant: Tenant, slots: number): Lane[] =>
  Array.from({ length: 2 * slots }, (_, index) => ({
    tenant,
    slot: Math.floor(index / 2),
    late: index % 2 === 1,
  }));
/** Partition key of the receipts and runs of a lane, in the table of documents. */
export const countKeyPrefix = 'count#';
export const countKey = (lane: Lane): string => `${countKeyPrefix}${laneKey(lane)}`;

/**
 * The place of a record among those of its lane: time of receipt and record id. Bounds of runs are positions too. All
 * are compared as text, in code as in the table: bounds by time alone would lose records that tie at a bound.
 */
export type Position = string;
export const positionOf = (receivedAtMs: number, record: string): Position =>
  `${sortableTime(receivedAtMs)}#${record}`;
/** Before and after the positions of all records received at this instant. */
export const positionBefore = (receivedAtMs: number): Position => `${sortableTime(receivedAtMs)}#`;
export const positionAfter = (receivedAtMs: number): Position => `${sortableTime(receivedAtMs)}#~`;
export const receivedAtOfPosition = (position: Position): number => Number(position.slice(0, 13));
export const recordOfPosition = (position: Position): string => position.slice(14);

export const positionSortKey = (position: Position): string => `r#${position}`;
export const positionOfSortKey = (sortKey: string): Position => sortKey.slice('r#'.length);
export const runSortKeyPrefix = 'run#';
export const runSortKey = (start: Position): string => `${runSortKeyPrefix}${start}`;
export const runListSortKey = (start: Position): string => `list#${start}`;

/** A batch id has a byte for its slot. */
export const mostSlot = 255;
export const isSlot = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= mostSlot;
const lanePattern = /^([^#]+#[^#]+#\d{1,5})#(\d{1,3})(#late)?$/;

/** `streamKey`, read back. Undefined if it is none. */
export function laneOfStreamKey(key: string): Lane | undefined {
  const [, ofTenant = '', slot, late] = lanePattern.exec(key) ?? [];
  const tenant = tenantOfKey(ofTenant);
  const { account, environment, generation } = tenant;
  if (!isAccountId(account) || !isEnvironment(environment) || !isGeneration(generation)) return undefined;
  if (!isSlot(Number(slot))) return undefined;
  return { tenant, slot: Number(slot), late: late !== undefined };
}

/** What a key begins with: `tenantKey`, read back. */
export function tenantOfKey(key: string): Tenant {
  const [account = '', environment = '', generation] = key.split('#');
  return { account, environment, generation: Number(generation) };
}

export const identityKey = (tenant: Tenant, eventId: string): string => `${tenantKey(tenant)}#${eventId}`;

/** `identityKey`, read back. The tenant is its `tenantKey`. */
export function splitIdentityKey(key: string): { readonly tenant: string; readonly eventId: string } {
  const afterAccount = key.indexOf('#') + 1;
  const afterEnvironment = key.indexOf('#', afterAccount) + 1;
  const end = key.indexOf('#', afterEnvironment);
  return { tenant: key.slice(0, end), eventId: key.slice(end + 1) };
}

/** Partition key of claim logs: what the ids of `part` have in common, which is a time or a batch. */
export const claimLogsKey = (tenant: string, part: string): string => `${tenant}#${part}`;
export const claimLogName = (partitionKey: string, window: number): string => `${partitionKey}#${window}`;
export function claimLogOfName(name: string): { readonly pk: string; readonly window: number } {
  const end = name.lastIndexOf('#');
  return { pk: name.slice(0, end), window: Number(name.slice(end + 1)) };
}
export const linkSortKey = (window: number, position: number): string =>
  `${window}#${String(position).padStart(5, '0')}`;
/** After the links of a window and before those of the next one. */
export const lastLinkSortKey = (window: number): string => `${window}#~`;
export function linkOfSortKey(sortKey: string): { readonly window: number; readonly position: number } {
  const [window, position] = sortKey.split('#');
  return { window: Number(window), position: Number(position) };
}

export const pageSortKey = (
  widthSeconds: number,
  windowStartMs: number,
  recordId: string,
  part: number | string,
): string => `${pageWindowSortKey(widthSeconds, windowStartMs)}${recordId}#${part}`;
/** What the sort keys of all pages of a window begin with. */
export const pageWindowSortKey = (widthSeconds: number, windowStartMs: number): string =>
  `${String(widthSeconds).padStart(2, '0')}#${sortableTime(windowStartMs)}#`;

export const markSortKey = (dayMs: number): string => `mark#${new Date(dayMs).toISOString().slice(0, 10)}`;
export const daySortKey = (kind: 'day' | 'hours', dayMs: number): string =>
  `${kind}#${new Date(dayMs).toISOString().slice(0, 10)}`;

export const documentSortKey = (kind: 'hour' | 'intake', hourMs: number): string =>
  `${kind}#${new Date(hourMs).toISOString().slice(0, 13)}`;
export const hourOfDocumentSortKey = (sortKey: string): number =>
  Date.parse(`${sortKey.split('#')[1]}:00:00.000Z`);

/** What was rejected of a tenant, by hour, and samples of it, in the table of documents. */
export const rejectionsKey = (tenant: Tenant): string => `${tenantKey(tenant)}#rejections`;
export const rejectionHourSortKey = (hourMs: number): string =>
  `rejected#${new Date(hourMs).toISOString().slice(0, 13)}`;
/** `name` is a digest, because the field can be one that the client made up. */
export const rejectionSampleSortKey = (name: string): string => `sample#${name}`;
/** The rejected events of a request, if they are kept. */
export const keptRejectionSortKey = (receivedAtMs: number, recordId = ''): string =>
  `kept#${sortableTime(receivedAtMs)}#${recordId}`;
/** That a record of rejections is counted. A partition for each: they are many, and none is read with another. */
export const countedRejectionsKey = (tenant: Tenant, recordId: string): string =>
  `${rejectionsKey(tenant)}#${recordId}`;

/**
 * What a tenant was answered, by hour, in the table of documents. By itself, so that a role can be allowed to add to it and
 * to no counts.
 */
export const levelsKeySuffix = '#levels';
export const levelsKey = (tenant: Tenant): string => `${tenantKey(tenant)}${levelsKeySuffix}`;
export const levelHourSortKey = (hourMs: number): string =>
  `levels#${new Date(hourMs).toISOString().slice(0, 13)}`;
/** That a part of a delivery of log lines is added up. A partition for each: no key of a tenant ends so. */
export const addedKeySuffix = '#added';
export const addedKey = (digest: string, part: number): string => `${digest}#${part}${addedKeySuffix}`;

/** The quarantine entries of a tenant, in the ledger. */
export const quarantineKeyPrefix = 'quarantine#';
export const quarantineKey = (tenant: Tenant): string => `${quarantineKeyPrefix}${tenantKey(tenant)}`;
export const quarantineSortKey = (receivedAtMs: number, recordId = ''): string =>
  `${sortableTime(receivedAtMs)}#${recordId}`;

/** Object names in the failed-records bucket. Lambda chooses the names of dead letters. */
export const lambdaPrefix = 'aws/lambda/';
/** What consume has taken off the stream because the tables refuse its lane. */
export const deadLetterPrefix = 'dead-letters/';
/** Objects that settle settles. */
export const letterPrefixes = [lambdaPrefix, deadLetterPrefix] as const;
/** By a digest of all its records, so that no later object replaces one that has others (A2). */
export const deadLetterName = (tenant: Tenant, first: string, digest: string): string =>
  `${deadLetterPrefix}${tenantKey(tenant).replaceAll('#', '/')}/${first}-${digest}`;
/** Undefined for a dead letter of Lambda's, which may hold records of many accounts. */
export const accountOfDeadLetter = (name: string): string | undefined =>
  name.startsWith(deadLetterPrefix) ? name.slice(deadLetterPrefix.length).split('/')[0] : undefined;
export const unreadablePrefix = 'unreadable/';
export const unreadableName = (sequenceNumber: string): string => `${unreadablePrefix}${sequenceNumber}`;
export const payloadPrefix = 'quarantine/';
export const payloadName = (tenant: Tenant, recordId: string): string =>
  `${payloadPrefix}${tenantKey(tenant).replaceAll('#', '/')}/${recordId}`;

export const accountKeyPrefix = 'account#';
export const accountKey = (account: string): string => `${accountKeyPrefix}${account}`;
export const accountSettingsSortKey = 'settings';
export const environmentSortKeyPrefix = 'environment#';
/** It outlives the keys of the environment, whose data is still there. */
export const environmentSortKey = (environment: string): string =>
  `${environmentSortKeyPrefix}${environment}`;
export const policySortKey = (name: string): string => `policy#${name}`;
export const signingSecretsSortKey = 'signing-secrets';
/**
 * The keys and the environments of an account, by pointers: a partition of its own, so that whoever may add a key cannot
 * write the settings of an account.
 */
export const accountKeysPrefix = 'keys#';
export const accountKeysKey = (account: string): string => `${accountKeysPrefix}${account}`;
export const apiKeyKeyPrefix = 'key#';
export const apiKeyKey = (keyId: string): string => `${apiKeyKeyPrefix}${keyId}`;
export const apiKeySortKey = 'key';
/** A partition of its own, so that authorize can be allowed to write only there. */
export const lastUseKeyPrefix = 'used#';
export const lastUseKey = (keyId: string): string => `${lastUseKeyPrefix}${keyId}`;
export const lastUseSortKey = 'used';
/** The memberships of a person, one an account. `isPerson` keeps a `#` out of the name. */
export const personKeyPrefix = 'person#';
/** After the keys of all people: `$` follows `#`, and a name can begin with any other character. */
export const lastPersonKey = 'person$';
export const personKey = (person: string): string => `${personKeyPrefix}${person}`;
/**
 * The members of an account, by pointers: a partition of its own, so that whoever may add a member cannot write the settings
 * of an account. A pointer has the partition key of its item as sort key.
 */
export const accountMembersPrefix = 'members#';
export const accountMembersKey = (account: string): string => `${accountMembersPrefix}${account}`;
/** A partition of its own: functions may add entries at most, and none may change or delete one. */
export const auditKeyPrefix = 'audit#';
export const auditKey = (account: string): string => `${auditKeyPrefix}${account}`;
export const auditSortKey = (atMs: number, id = ''): string => `${sortableTime(atMs)}#${id}`;
const auditSortKeyPattern = /^\d{13}#[0-9a-f]{12}-\d\d$/;
export const isAuditSortKey = (value: string): boolean => auditSortKeyPattern.test(value);
/** What authorize noticed, of a key or of all requests. A partition of its own, so that it can be allowed to write only there. */
export const noticeKeyPrefix = 'notice#';
export const noticeKey = (subject: string): string => `${noticeKeyPrefix}${subject}`;
export const noticeSortKey = 'notice';
/** A partition of its own, which outlives the account: consume may read nothing else of accounts. */
export const generationKeyPrefix = 'generation#';
export const generationKey = (account: string): string => `${generationKeyPrefix}${account}`;
/** The ids of all accounts, each an item, in their order. */
export const accountsKey = 'platform#accounts';

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
/** What is used of the limit of events, in the ledger. */
export const eventUseKeyPrefix = 'events#';
export const eventUseKey = (sender: Sender): string => `${eventUseKeyPrefix}${senderKey(sender)}`;
/** The same of the limit of summary reads. */
export const readUseKeyPrefix = 'reads#';
export const readUseKey = (tenant: Tenant): string => `${readUseKeyPrefix}${tenantKey(tenant)}`;
/** The last opening of a circuit, in the ledger. */
export const circuitKeyPrefix = 'circuit#';
export const circuitKey = (sender: Sender): string => `${circuitKeyPrefix}${senderKey(sender)}`;
export const onlySortKey = 'only';
/** How far consume is behind, in the ledger: an item for each shard. */
export const lagKey = 'platform#lag';

/** What tally found on the streams, in the ledger: sheets by the quarter of an hour in which their records arrived. */
export const tallyKeyPrefix = 'tally#';
export const sheetsKey = (quarterMs: number): string => `${tallyKeyPrefix}${sortableTime(quarterMs)}`;
/** The sheets of all quarters that may have records without an outcome. */
export const openSheetsKey = `${tallyKeyPrefix}open`;
export const openSheetSortKey = (quarterMs: number, name: string): string =>
  `${sortableTime(quarterMs)}#${name}`;
export const sheetOfOpenSortKey = (
  sortKey: string,
): { readonly quarterMs: number; readonly name: string } => ({
  quarterMs: Number(sortKey.slice(0, 13)),
  name: sortKey.slice(14),
});
/** Incidents of the stage, in the ledger, by their ids; and until when reviews have looked. */
export const incidentsKey = 'platform#incidents';
/** Ids begin with a digit. */
export const incidentSortKeyBounds = { first: '0', last: ':' } as const;
export const reviewMarkSortKey = 'reviewed';

/** The jobs of all tenants, in the ledger, in the order in which they are due. */
export const jobsKey = 'platform#jobs';
export const jobSortKey = (dueAtMs: number, name = ''): string => `${sortableTime(dueAtMs)}#${name}`;

/** The busiest accounts, in the table of aggregates. */
export const busiestKey = 'platform#busiest';

/** In every table: nothing is ever there. It is asked for to see whether the table answers. */
export const healthKey = 'platform#health';

/** The keys of the whole platform, in the ledger. */
export const platformKeysKey = 'platform#keys';
export const currentPlatformKeySortKey = 'current';
export const platformKeySortKey = (number: number): string => `key#${String(number).padStart(3, '0')}`;
