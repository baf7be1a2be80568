// A request for every route, as the matrix of isolation sends it. A route without one does not compile.

import type { RouteName } from '../../domain/api/routes.ts';
import { type FirstLetter, letterOf, type SegmentCall, segmentCalls } from '../../domain/doors/segment.ts';

/** A tenant that has something of everything. */
export type Owner = {
  readonly account: string;
  readonly environment: string;
  readonly apiKey: string;
  readonly batchId: string;
  /** Two keys that nobody uses: one to rotate, one to revoke. */
  readonly keyIds: readonly [string, string];
  /** Two records in quarantine: one to replay, one to discard. */
  readonly records: readonly [string, string];
  /** A member of the account. All environments have the same members. */
  readonly person: string;
};

/** `contentType`: if it is not `application/json`. */
export type Target = { readonly path: string; readonly body?: string; readonly contentType?: string };

export type Sample = {
  /** About what the owner has. Sent by the owner, it succeeds. */
  readonly about: (owner: Owner) => Target;
  /** For a route that names what it is about: the same about what does not exist, by the reason why it does not. */
  readonly absent?: (owner: Owner) => Readonly<Record<string, Target>>;
  /** It tells of the account as a whole, which other environments may know. */
  readonly ofAccount?: true;
  /** What of its answer depends neither on the moment nor on what the caller has asked himself. Absent: all of it. */
  // biome-ignore lint/suspicious/noExplicitAny: of any answer
  readonly steady?: (json: any) => unknown;
  /** It changes something of the caller: what it answers is no measure of what others did. */
  readonly changes?: true;
};

export const samples: Readonly<Record<RouteName, Sample>> = {
  'POST /v1/events': { about: () => ({ path: '/v1/events', body: eventsOf('own') }), changes: true },
  'POST /v1/batch': batchCall('/v1/batch'),
  'POST /b': batchCall('/b', 'text/plain'),
  ...singleCalls(),
  'POST /v1/logs': {
    about: () => ({ path: '/v1/logs', body: '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}' }),
    changes: true,
  },
  'POST /api/v1/events': {
    about: () => ({
      path: '/api/v1/events',
      body: '{"specversion":"1.0","id":"own","source":"s","type":"t"}',
      contentType: 'application/cloudevents+json',
    }),
    changes: true,
  },
  'POST /v1/events:debug': { about: () => ({ path: '/v1/events:debug', body: eventsOf('tried') }) },
  'GET /v1/events': { about: () => ({ path: '/v1/events?type=isolation&metadata.a.b=c' }) },
  'GET /v1/events/{event_id}': {
    about: () => oneEvent('own-0'),
    absent: () => eachOf(noEvents, oneEvent),
  },
  'GET /v1/batches/{batch_id}': {
    about: ({ batchId }) => receipt(batchId),
    absent: ({ batchId }) => eachOf(tampered(batchId), receipt),
  },
  'GET /v1/accounts/{account_id}/summary': {
    about: ({ account }) => summary(account),
    absent: () => ({ 'never there': summary('isolation-nobody'), 'no account id': summary('Not%20One') }),
  },
  'GET /v1/accounts/{account_id}/series': {
    about: ({ account }) => series(account),
    absent: () => ({ 'never there': series('isolation-nobody'), 'no account id': series('Not%20One') }),
  },
  'GET /v1/usage': { about: () => ({ path: '/v1/usage' }) },
  'GET /v1/slo': {
    about: () => ({ path: '/v1/slo' }),
    steady: ({ account_id, environment, windows }) => [
      account_id,
      environment,
      windows.map(({ objectives }: { objectives: { name: string }[] }) =>
        objectives.find(({ name }) => name === 'freshness'),
      ),
    ],
  },
  'GET /v1/quarantine': { about: () => ({ path: '/v1/quarantine' }) },
  'POST /v1/quarantine/{record}/replay': {
    about: ({ records: [record] }) => settle('replay')(record),
    absent: ({ records: [record] }) => eachOf(otherRecords(record), settle('replay')),
    changes: true,
  },
  'POST /v1/quarantine/{record}/discard': {
    about: ({ records: [, record] }) => settle('discard')(record),
    absent: ({ records: [record] }) => eachOf(otherRecords(record), settle('discard')),
    changes: true,
  },
  'GET /v1/rejections': { about: () => ({ path: '/v1/rejections' }) },
  'GET /v1/rejections/events': { about: () => ({ path: '/v1/rejections/events' }) },
  'GET /v1/keys': { about: () => ({ path: '/v1/keys' }) },
  'POST /v1/keys': { about: () => ({ path: '/v1/keys', body: '{"scopes":["read"]}' }), changes: true },
  'POST /v1/keys/{key_id}/rotate': {
    about: ({ keyIds: [keyId] }) => rotation(keyId),
    absent: () => eachOf(noKeys, rotation),
    changes: true,
  },
  'DELETE /v1/keys/{key_id}': {
    about: ({ keyIds: [, keyId] }) => key(keyId),
    absent: () => eachOf(noKeys, key),
    changes: true,
  },
  'GET /v1/members': { about: () => ({ path: '/v1/members' }), ofAccount: true },
  'POST /v1/members': {
    about: () => ({ path: '/v1/members', body: '{"person":"new@isolation.test","role":"viewer"}' }),
    changes: true,
  },
  'DELETE /v1/members/{person}': {
    about: ({ person }) => member(person),
    absent: () => eachOf(noMembers, member),
    changes: true,
  },
  'GET /v1/audit': { about: () => ({ path: '/v1/audit' }), ofAccount: true },
  'GET /v1/health': {
    about: () => ({ path: '/v1/health' }),
    steady: ({ dependencies }) => dependencies.map(({ name }: { name: string }) => name),
  },
  'GET /v1/openapi.json': { about: () => ({ path: '/v1/openapi.json' }) },
  'GET /health': { about: () => ({ path: '/health' }) },
  'HEAD /health': { about: () => ({ path: '/health' }) },
};

const tracked = { event: 'isolation', userId: 'ada', messageId: 'own-call' };

function batchCall(path: string, contentType = 'application/json'): Sample {
  const body = () => JSON.stringify({ batch: [{ type: 'track', ...tracked }] });
  return { about: () => ({ path, body: body(), contentType }), changes: true };
}

function singleCalls() {
  const sampleOf = (path: string, contentType: string): Sample => ({
    about: () => ({ path, body: JSON.stringify(tracked), contentType }),
    changes: true,
  });
  return Object.fromEntries(
    segmentCalls.flatMap((call) => [
      [`POST /v1/${call}`, sampleOf(`/v1/${call}`, 'application/json')],
      [`POST /${letterOf(call)}`, sampleOf(`/${letterOf(call)}`, 'text/plain')],
    ]),
  ) as Record<`POST /v1/${SegmentCall}` | `POST /${FirstLetter<SegmentCall>}`, Sample>;
}

export const eventsOf = (prefix: string, count = 3): string =>
  JSON.stringify(
    Array.from({ length: count }, (_, index) => ({ event_id: `${prefix}-${index}`, type: 'isolation' })),
  );

const settle =
  (action: 'replay' | 'discard') =>
  (record: string): Target => ({ path: `/v1/quarantine/${record}/${action}`, body: '{}' });
const key = (keyId: string): Target => ({ path: `/v1/keys/${keyId}` });
const rotation = (keyId: string): Target => ({ path: `/v1/keys/${keyId}/rotate`, body: '{}' });
const member = (person: string): Target => ({ path: `/v1/members/${person}` });
const noMembers = {
  'never there': 'nobody%40isolation.test',
  'with a slash': 'a%2Fb',
  'in capitals': 'SPARE@isolation.test',
  'no name': '%23',
  'no encoding': '%E0%A4%A',
};
const noKeys = { 'never there': '0123456789ab', 'no id': 'x' };

const otherRecords = (record: string): Readonly<Record<string, string>> => ({
  'another part': record.replace(/\.\d+$/, '.7'),
  'another batch': `${record.startsWith('A') ? 'B' : 'A'}${record.slice(1)}`,
  'a batch without a part': record.replace(/\.\d+$/, ''),
  'no id': 'x',
});

const oneEvent = (eventId: string): Target => ({ path: `/v1/events/${eventId}` });
const noEvents = {
  'never there': 'own-3',
  'in another case': 'OWN-0',
  'looking as if it was made here': 'A'.repeat(48),
  'with a slash': 'own%2F0',
  'no encoding': 'own-0%25E0%25A4%25A',
};
const receipt = (batchId: string): Target => ({ path: `/v1/batches/${batchId}` });
const summary = (account: string): Target => ({ path: `/v1/accounts/${account}/summary?window=24h` });
const series = (account: string): Target => ({
  path: `/v1/accounts/${account}/series?interval=hour&group_by=type`,
});

/** An id that carries a MAC, changed in each of its parts and in its form. */
function tampered(id: string): Readonly<Record<string, string>> {
  const changedAt = (index: number) =>
    `${id.slice(0, index)}${id[index] === 'A' ? 'B' : 'A'}${id.slice(index + 1)}`;
  return {
    'made up': 'A'.repeat(id.length),
    'another time': changedAt(7),
    'another platform key': changedAt(21),
    'another size': changedAt(24),
    'another slot': changedAt(29),
    'another MAC': changedAt(40),
    'without its end': id.slice(0, -1),
    'with something after it': `${id}A`,
    'in another case': id.toLowerCase() === id ? id.toUpperCase() : id.toLowerCase(),
    'no id': 'x',
  };
}

const eachOf = (
  ids: Readonly<Record<string, string>>,
  toTarget: (id: string) => Target,
): Readonly<Record<string, Target>> =>
  Object.fromEntries(Object.entries(ids).map(([why, id]) => [why, toTarget(id)]));
