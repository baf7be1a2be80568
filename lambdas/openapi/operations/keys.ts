import type * as z from 'zod';
import { mostOrigins, usualPublicEventsPerMinute } from '../../../domain/accounts/api-keys.ts';
import { newKeyBody, rotationBody } from '../../manage/bodies.ts';
import { mostEntries } from '../../manage/wire.ts';
import { auditLog, createdKey, keyList, rotatedKey, shownKey } from '../answers/managing.ts';
import { json, type Operations } from '../operation.ts';
import { force, fromTo, keyInPath } from '../parameters.ts';
import { describedBody } from '../schemas.ts';

/** As `parseDuration` reads it. */
const duration = { type: 'string', pattern: '^\\d{1,8}[smhd]$' } as const;

const shown: z.infer<typeof shownKey> = {
  key_id: '49a1c7d03be2',
  environment: 'production',
  scopes: ['ingest', 'read'],
  ...{ origins: null, events_per_minute: null },
  state: 'live',
  created_at: '2026-11-01T08:00:00.000Z',
  created_by: 'operator ada',
  last_used_at: '2026-11-30T10:44:00.000Z',
  last_used_by: 'analytics-node/3.1.0',
  expires_at: null,
  revoked_at: null,
  replaced_by: null,
};
const created: z.infer<typeof createdKey> = {
  account_id: 'demo',
  key_id: '5d20f1e77c9a',
  environment: 'production',
  scopes: ['ingest'],
  ...{ origins: null, events_per_minute: null },
  expires_at: null,
  api_key: 'weir_production_demo_5d20f1e77c9a_…',
};
const uncached = { headers: ['cache-control'] } as const;

export const keyOperations: Operations<
  | 'GET /v1/keys'
  | 'POST /v1/keys'
  | 'POST /v1/keys/{key_id}/rotate'
  | 'DELETE /v1/keys/{key_id}'
  | 'GET /v1/audit'
> = {
  'GET /v1/keys': {
    tag: 'keys',
    id: 'listKeys',
    summary: 'The keys of the account',
    description: 'All keys of the environment, also those that ended, without their secrets.',
    path: {},
    query: {},
    answers: {
      200: {
        description: 'The keys.',
        json: json(keyList, { account_id: 'demo', environment: 'production', keys: [shown] }),
        ...uncached,
      },
    },
    problems: ['invalid_parameter'],
  },
  'POST /v1/keys': {
    tag: 'keys',
    id: 'createKey',
    summary: 'Create a key',
    description: 'The answer shows the secret, once. No key outlives the one that has made it.',
    path: {},
    query: {},
    body: {
      description: 'What the key may do, and for how long.',
      required: true,
      content: {
        'application/json': {
          schema: describedBody(newKeyBody, {
            scopes: {
              description: 'What the key may do. `admin` implies the others.',
              example: ['ingest'],
              schema: { uniqueItems: true },
            },
            origins: {
              description:
                'Makes a public key, for web pages of these origins. Its scope is `ingest`, and it does nothing but send events.',
              example: ['https://shop.example'],
              schema: { minItems: 1, maxItems: mostOrigins, uniqueItems: true },
            },
            events_per_minute: {
              description: `How many events may be sent by a public key. Absent: ${usualPublicEventsPerMinute}.`,
              example: usualPublicEventsPerMinute,
            },
            expires_in: {
              description:
                'How long it is accepted, a minute at least: `90s`, `30m`, `24h`, `90d`. Absent: it does not end.',
              example: '90d',
              schema: duration,
            },
          }),
          example: { scopes: ['ingest'], expires_in: '90d' },
        },
      },
    },
    answers: {
      201: { description: 'The key, with its secret.', json: json(createdKey, created), ...uncached },
    },
    problems: ['invalid_parameter', 'invalid_json', 'unsupported_media_type', 'too_many_keys'],
  },
  'POST /v1/keys/{key_id}/rotate': {
    tag: 'keys',
    id: 'rotateKey',
    summary: 'Replace a key',
    description: 'Makes a key like it. The old one is accepted for the overlap, so that no request is lost.',
    path: { key_id: keyInPath },
    query: { force },
    body: {
      description: 'For how long both are accepted.',
      required: false,
      content: {
        'application/json': {
          schema: describedBody(rotationBody, {
            overlap: {
              description: 'How long the old key is still accepted. Absent: `24h`.',
              example: '7d',
              schema: duration,
            },
          }),
          example: { overlap: '7d' },
        },
      },
    },
    answers: {
      201: {
        description: 'The key that replaces it, with its secret.',
        json: json(rotatedKey, {
          ...created,
          replaces: { key_id: shown.key_id, ends_at: '2026-12-07T10:44:00.000Z' },
        }),
        ...uncached,
      },
    },
    problems: [
      'invalid_parameter',
      'invalid_json',
      'unsupported_media_type',
      'unknown_key',
      'key_in_use',
      'key_not_live',
      'key_replaced',
      'key_outlives_caller',
      'too_many_keys',
    ],
  },
  'DELETE /v1/keys/{key_id}': {
    tag: 'keys',
    id: 'revokeKey',
    summary: 'Revoke a key',
    description:
      'After 30 seconds at the latest, its requests are a 401. It cannot be undone, and can be repeated.',
    path: { key_id: keyInPath },
    query: { force },
    answers: {
      200: {
        description: 'The key, revoked.',
        json: json(shownKey, { ...shown, state: 'revoked', revoked_at: '2026-11-30T10:45:00.000Z' }),
        ...uncached,
      },
    },
    problems: ['invalid_parameter', 'unknown_key', 'key_in_use'],
  },
  'GET /v1/audit': {
    tag: 'keys',
    id: 'readAuditLog',
    summary: 'Who changed what',
    description: 'The audit log of the account, newest first, without entries of other environments.',
    path: {},
    query: {
      ...fromTo,
      limit: {
        description: 'How many entries the answer has at most.',
        schema: { type: 'integer', minimum: 1, maximum: mostEntries, default: mostEntries },
        example: 20,
      },
      cursor: {
        description: 'The `next_cursor` of the answer before.',
        schema: { type: 'string' },
        example: Buffer.from('1795273728000#0123456789ab-00').toString('base64url'),
      },
    },
    answers: {
      200: {
        description: 'The entries, newest first.',
        json: json(auditLog, {
          account_id: 'demo',
          entries: [
            {
              at: '2026-11-30T10:45:00.000Z',
              who: 'key 5d20f1e77c9a',
              from: '203.0.113.7',
              what: 'key.revoked',
              environment: 'production',
              key_id: shown.key_id,
              record: null,
              person: null,
              before: { environment: 'production', scopes: ['ingest'] },
              after: {
                environment: 'production',
                scopes: ['ingest'],
                revoked_at: '2026-11-30T10:45:00.000Z',
              },
            },
          ],
        }),
        ...uncached,
      },
    },
    problems: ['invalid_parameter'],
  },
};
