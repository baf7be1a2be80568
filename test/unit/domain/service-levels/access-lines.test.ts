// What a line of the access log counts as.

import { describe, expect, it } from 'vitest';
import { readLine } from '../../../../domain/service-levels/access-lines.ts';
import { dayMs, hourMs } from '../../../../domain/system/time.ts';
import { accessLine } from '../../../support/access-lines.ts';
import { nowMs } from '../../../support/events.ts';

const read = (fields: Readonly<Record<string, unknown>>) => readLine(accessLine(fields), nowMs);

it('counts by tenant, time, group of routes, outcome and latency', () => {
  expect(read({})).toEqual({
    tenant: { account: 'acme', environment: 'production', generation: 0 },
    atMs: nowMs,
    group: 'ingest',
    outcome: 'answered',
    latencyMs: 40,
  });
});

it.each([
  ['202', '-', 'answered'],
  ['304', '-', 'answered'],
  ['422', '-', 'refused'],
  ['429', '-', 'limited'],
  ['429', 'THROTTLED', 'throttled'],
  ['403', '-', 'refused'],
  ['403', 'ACCESS_DENIED', 'denied'],
  ['413', 'REQUEST_TOO_LARGE', 'refused'],
  ['500', '-', 'failed'],
  ['503', 'AUTHORIZER_FAILURE', 'failed'],
  ['504', 'INTEGRATION_TIMEOUT', 'timed_out'],
])('a %s with the error %s is %s', (status, responseType, outcome) => {
  expect(read({ status, responseType })).toMatchObject({ outcome });
});

it.each([
  ['POST', '/v1/events', 'ingest'],
  ['GET', '/v1/events', 'search'],
  ['GET', '/v1/events/{event_id}', 'reads'],
  ['GET', '/v1/accounts/{account_id}/summary', 'summary'],
  ['GET', '/v1/accounts/{account_id}/series', 'reads'],
  ['GET', '/v1/slo', 'reads'],
  ['GET', '/v1/keys', 'manage'],
])('%s %s is of the group %s', (method, route, group) => {
  expect(read({ method, route })).toMatchObject({ group });
});

it.each([
  ['the gateway throttled', { status: '429', responseType: 'THROTTLED' }],
  ['the authorizer denied', { status: '403', responseType: 'ACCESS_DENIED' }],
])('what %s makes an account no faster', (_, fields) => {
  expect(read(fields)).not.toHaveProperty('latencyMs');
});

it.each([
  ['nobody is named', { accountId: '-' }],
  ['it is a dry run', { route: '/v1/events:debug' }],
  ['it is health', { method: 'GET', route: '/health' }],
  ['the route is not there', { route: '-' }],
])('counts in no level where %s', (_, fields) => {
  expect(read(fields)).toBe('unmeasured');
});

describe('a line that cannot be right', () => {
  it.each([
    ['an account that is none', { accountId: 'a#b' }],
    ['no environment', { environment: '-' }],
    ['no generation', { generation: '-' }],
    ['an empty generation', { generation: '' }],
    ['no status', { status: '-' }],
    ['no time', { requestTimeEpoch: '-' }],
    ['a time whose guard is gone', { requestTimeEpoch: String(nowMs - 2 * dayMs) }],
    ['a time to come', { requestTimeEpoch: String(nowMs + hourMs) }],
  ])('has %s', (_, fields) => {
    expect(read(fields)).toBe('unreadable');
  });

  it.each(['', 'no JSON', 'null', '7', '"-"', '[1]'])('is %j', (message) => {
    expect(readLine(message, nowMs)).not.toBeTypeOf('object');
  });
});
