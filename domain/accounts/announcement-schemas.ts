// The `detail` of each type of announcement. docs/operate/events.schema.json is made of it. No function loads it.

import * as z from 'zod';
import { periodNames, quotaModes, toldShares } from '../limits/quota.ts';
import type { AnnouncementType } from './announcements.ts';

const common = {
  id: z.string().describe('the same in every delivery of this event'),
  at: z.iso.datetime().describe('when it happened, UTC'),
  stage: z.string().describe('the stage of Weir'),
};
const account_id = z.string();
const key_id = z.string().regex(/^[0-9a-f]{12}$/);
const fields = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]));

const changed = {
  ...common,
  account_id,
  who: z.string().describe('who did it, as in the audit log'),
  environment: z.optional(z.string()).describe('absent if it concerns all environments of the account'),
  before: z.nullable(fields).describe('the fields before; null for what was created'),
  after: fields.describe('the fields after, or what was asked for'),
};
const accountChange = (about: string) => z.strictObject(changed).describe(about);
const keyChange = (about: string) => z.strictObject({ ...changed, key_id }).describe(about);
const memberChange = (about: string) =>
  z
    .strictObject({ ...changed, person: z.string().describe('the member, as tokens name him') })
    .describe(about);
const recordAct = (about: string) =>
  z
    .strictObject({ ...changed, record: z.optional(z.string()).describe('the id of the record') })
    .describe(about);

export const announcementSchemas = {
  'account.created': accountChange('An account was created.'),
  'account.changed': accountChange('Settings of an account changed: its tier, or what differs from it.'),
  'account.suspended': accountChange('An account was suspended: its requests are refused.'),
  'account.resumed': accountChange('A suspended account was resumed.'),
  'account.deleted': accountChange('An account was deleted: nothing of it can be reached.'),
  'key.created': keyChange('An API key was created.'),
  'key.rotated': keyChange('A key was replaced by another one, and ends after an overlap.'),
  'key.revoked': keyChange('A key was revoked: its requests are refused.'),
  'member.added': memberChange('A person became a member of an account.'),
  'member.changed': memberChange('A member got another role.'),
  'member.removed': memberChange('A person is a member no longer.'),
  'policy.set': accountChange('A personal-data policy came into force.'),
  'policy.cleared': accountChange('A personal-data policy ended.'),
  'signing.added': accountChange('A signing secret was added.'),
  'signing.required': accountChange('Requests must be signed from now on.'),
  'signing.removed': accountChange('A signing secret was removed.'),
  'quarantine.replay': recordAct('A quarantined record is to be stored.'),
  'quarantine.discard': recordAct('A quarantined record is to be given up.'),
  'stream.replay': recordAct('Records of the stream are to be handed over again.'),
  'data.read': recordAct('An operator reads what clients sent.'),
  'key.used_after_revocation': z
    .strictObject({
      ...common,
      account_id,
      key_id,
      client: z.string().describe('the user agent of one of the requests, or "unknown"'),
    })
    .describe('A revoked key was used, with the right secret, in the minute `at`.'),
  'requests.unauthorized': z
    .strictObject({
      ...common,
      count: z.int().describe('how many one instance of authorize had refused when it noticed'),
    })
    .describe('Many requests were refused with 401 in the minute `at`.'),
  'quota.reached': z
    .strictObject({
      ...common,
      account_id,
      environment: z.string(),
      period: z.enum(periodNames),
      from: z.iso.datetime().describe('when the day or month began, UTC'),
      to: z.iso.datetime().describe('when it ends, and with it the use'),
      share: z.literal(toldShares).describe('percent of the quota'),
      quota: z.int().describe('events in the period'),
      used: z.int().describe('events accepted in it, when it was noticed'),
      quotas: z.enum(quotaModes).describe('what becomes of events over the quota'),
    })
    .describe('An account has used 50, 80 or 100 percent of a quota.'),
} satisfies Readonly<Record<AnnouncementType, z.ZodType>>;
