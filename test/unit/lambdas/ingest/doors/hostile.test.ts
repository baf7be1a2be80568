// Bodies that would take a stack or minutes, at the doors of other clients. Each is refused as any invalid event is.

import { describe, expect, it } from 'vitest';
import { metricNames } from '../../../../../domain/service-levels/metrics.ts';
import { startIngest } from '../fixture.ts';

const levels = 100_000;
const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`;
const deepObject = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
const deepAny = `${'{"arrayValue":{"values":['.repeat(15_000)}{}${']}}'.repeat(15_000)}`;

const inCloudEvent = (member: string) => `{"specversion":"1.0","id":"1","source":"s","type":"t",${member}}`;
const inLogs = (resource: string, scope: string, record: string) =>
  `{"resourceLogs":[{"resource":${resource},"scopeLogs":[{"scope":${scope},"logRecords":[${record}]}]}]}`;

const cloudEvent = { 'content-type': 'application/cloudevents+json' };
const cases: readonly (readonly [
  where: string,
  resource: string,
  body: string,
  headers?: Record<string, string>,
])[] = [
  ['a batch', '/v1/batch', `{"batch":${deep}}`],
  ['properties', '/v1/track', `{"event":"e","properties":${deepObject}}`],
  ['a context', '/v1/batch', `{"batch":[{"type":"track","event":"e","context":{"app":${deepObject}}}]}`],
  ['a message id', '/v1/page', `{"messageId":${deep}}`],
  ['data', '/v1/events', inCloudEvent(`"data":${deep}`), cloudEvent],
  ['an extension', '/api/v1/events', inCloudEvent(`"x":${deepObject}`), cloudEvent],
  ['an id', '/v1/events', `{"specversion":"1.0","source":"s","type":"t","id":${deep}}`, cloudEvent],
  ['a resource', '/v1/logs', inLogs(`{"attributes":[{"key":"a","value":${deepAny}}]}`, '{}', '{}')],
  ['a scope', '/v1/logs', inLogs('{}', deepObject, '{}')],
  ['a body of a record', '/v1/logs', inLogs('{}', '{}', `{"body":${deepAny}}`)],
  ['a field of a record', '/v1/logs', inLogs('{}', '{}', `{"traceId":${deep}}`)],
];

describe('what nests very deep', () => {
  it.each(cases.map(([where, resource, body, headers = {}]) => [where, resource, body, headers] as const))(
    'as %s at %s is refused, and counted',
    async (_, resource, body, headers) => {
      const ingest = startIngest();

      const json = { 'content-type': 'application/json', ...headers };
      expect(await ingest.refusal(body, { resource, headers: json })).toBe('no_valid_event');
      expect(ingest.meter.total(metricNames.lostRejections)).toBe(0);
      expect(ingest.stream.optional).toHaveLength(1);
    },
  );
});

it('empty scopes of logs cost no more than their bytes', async () => {
  const attributes = Array.from({ length: 7000 }, (_, n) => `{"key":"k${n}","value":{"intValue":${n}}}`);
  const scopes = Array.from({ length: 60_000 }, () => '0');
  const body = `{"resourceLogs":[{"resource":{"attributes":[${attributes}]},"scopeLogs":[${scopes}]}]}`;
  const before = process.cpuUsage();
  const { statusCode } = await startIngest().post(body, { resource: '/v1/logs' });

  expect(statusCode).toBe(200);
  // Two minutes, when each scope was measured: a bound that no machine meets then, and any does now.
  expect(process.cpuUsage(before).user).toBeLessThan(20_000_000);
});
