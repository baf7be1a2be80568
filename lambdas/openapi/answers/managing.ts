import * as z from 'zod';
import { roleNames } from '../../../domain/accounts/roles.ts';
import type { CreatedKey, RotatedKey, ShownKey } from '../../../domain/accounts/shown-keys.ts';
import type { AddedMember, ShownMember } from '../../../domain/accounts/shown-members.ts';
import { scopes } from '../../../domain/api/routes.ts';
import type { KeysOfEnvironment } from '../../manage/keys.ts';
import type { MembersOfAccount, RemovedMember } from '../../manage/members.ts';
import { account_id, count, environment, time, timeOrNull } from './common.ts';

const key_id = z.string().regex(/^[0-9a-f]{12}$/);
const scopeList = z.array(z.enum(scopes));
const textOrNull = z.nullable(z.string());

const publicUse = {
  origins: z.nullable(z.array(z.string())).describe('of the pages that may send by it, if it is public'),
  events_per_minute: z.nullable(count).describe('how much all of them together may send'),
};

export const shownKey = z
  .strictObject({
    key_id,
    environment,
    scopes: scopeList,
    ...publicUse,
    state: z.enum(['live', 'replaced', 'expired', 'revoked']).describe('`replaced`: accepted until it ends'),
    created_at: time,
    created_by: z.string(),
    last_used_at: timeOrNull.describe('to the minute'),
    last_used_by: textOrNull.describe('the `user-agent` of the client'),
    expires_at: timeOrNull,
    revoked_at: timeOrNull,
    replaced_by: textOrNull,
  })
  .meta({ id: 'Key', description: 'An API key, without its secret.' }) satisfies z.ZodType<ShownKey>;

export const keyList = z.strictObject({ account_id, environment, keys: z.array(shownKey) }).meta({
  id: 'KeyList',
  description: 'The keys of the environment, in the order of their creation.',
}) satisfies z.ZodType<KeysOfEnvironment>;

const created = {
  account_id,
  key_id,
  environment,
  scopes: scopeList,
  ...publicUse,
  expires_at: timeOrNull,
  api_key: z.string().describe('the secret. It is shown in this answer and nowhere again'),
};
export const createdKey = z
  .strictObject(created)
  .meta({ id: 'CreatedKey', description: 'A new key, with its secret.' }) satisfies z.ZodType<CreatedKey>;
export const rotatedKey = z
  .strictObject({ ...created, replaces: z.strictObject({ key_id, ends_at: time }) })
  .meta({
    id: 'RotatedKey',
    description: 'The key that replaces another one.',
  }) satisfies z.ZodType<RotatedKey>;

const role = z.enum(roleNames);
const member = z
  .strictObject({ person: z.string(), role, added_at: time, added_by: z.string() })
  .meta({ id: 'Member', description: 'A person of the account.' }) satisfies z.ZodType<ShownMember>;

export const memberList = z.strictObject({ account_id, members: z.array(member) }).meta({
  id: 'MemberList',
  description: 'The people of the account.',
}) satisfies z.ZodType<MembersOfAccount>;
export const addedMember = z
  .strictObject({ account_id, member, outcome: z.enum(['added', 'changed', 'unchanged']) })
  .meta({
    id: 'AddedMember',
    description: 'The member, and what the request changed.',
  }) satisfies z.ZodType<AddedMember>;
export const removedMember = z
  .strictObject({ account_id, person: z.string(), outcome: z.literal('removed') })
  .meta({
    id: 'RemovedMember',
    description: 'The person is a member no longer.',
  }) satisfies z.ZodType<RemovedMember>;

const fields = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]));
const entry = z
  .strictObject({
    at: time,
    who: z.string().describe('`operator`, `key` or `person`, and a name'),
    from: z.string().describe('the address of the request, or the host of the operator'),
    what: z.string().describe('such as `key.created`'),
    environment: textOrNull.describe('null if it concerns all environments'),
    key_id: textOrNull,
    record: textOrNull,
    person: textOrNull,
    before: z.nullable(fields),
    after: fields,
  })
  .meta({ id: 'AuditEntry', description: 'A change of the account.' });
export const auditLog = z
  .strictObject({
    account_id,
    entries: z.array(entry).describe('newest first'),
    next_cursor: z.optional(z.string()).describe('for the next page. Absent at the end'),
  })
  .meta({ id: 'AuditLog', description: 'A page of the audit log.' });

const record = z.string().describe('the id of the record');
export const replayedRecord = z
  .strictObject({ record, outcome: z.literal('stored'), stored: count, duplicates: count, conflicts: count })
  .meta({ id: 'ReplayedRecord', description: 'The record is stored.' });
export const discardedRecord = z
  .strictObject({ record, outcome: z.literal('discarded') })
  .meta({ id: 'DiscardedRecord', description: 'The record is removed.' });
export const unsettledRecord = z
  .strictObject({ record, outcome: z.literal('under_way') })
  .meta({ id: 'UnsettledRecord', description: 'It goes on. The receipt of the batch says how it ended.' });
