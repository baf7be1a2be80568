import { describe, expect, it } from 'vitest';
import { deadLetterName } from '../../../../domain/keys.ts';
import { readTask } from '../../../../lambdas/settle/wire.ts';
import { arrived, asked, key, lane, tick } from './fixture.ts';

describe('settle takes', () => {
  it('the notification of an object in the bucket', () => {
    expect(readTask(arrived)).toEqual({ kind: 'object', name: key });
  });

  it('the notification of a dead letter of consume', () => {
    const name = deadLetterName(lane.tenant, 'b.0', 'digest');

    expect(readTask({ ...arrived, detail: { object: { key: name } } })).toEqual({ kind: 'object', name });
  });

  it('the tick of the schedule', () => {
    expect(readTask(tick)).toEqual({ kind: 'sweep' });
  });

  it.each(['replay', 'discard'] as const)(
    'the request to %s a record, without its unknown fields',
    (action) => {
      const request = asked(action);

      expect(readTask({ ...request, lane: { ...request.lane, part: 3 }, force: true })).toEqual({
        kind: 'request',
        request,
      });
    },
  );
});

const ofLane = (parts: object) => ({ ...asked('replay'), lane: { ...lane, ...parts } });

describe('settle refuses, with the list of what it takes,', () => {
  it.each([
    ['nothing', undefined],
    ['a text', 'sweep'],
    ['a deleted object', { ...arrived, 'detail-type': 'Object Deleted' }],
    [
      'an object under another prefix',
      { ...arrived, detail: { object: { key: 'quarantine/acme/production/b.0' } } },
    ],
    ['an object without a name', { ...arrived, detail: {} }],
    ['an event of another source', { ...tick, source: 'aws.health' }],
    ['another action', { ...asked('replay'), action: 'delete' }],
    ['a request without a lane', { ...asked('replay'), lane: undefined }],
    ['a request without an account', ofLane({ tenant: { environment: 'production', generation: 0 } })],
    ['an account that no key may hold', ofLane({ tenant: { ...lane.tenant, account: 'a#b' } })],
    ['an environment that no key may hold', ofLane({ tenant: { ...lane.tenant, environment: 'p/q' } })],
    ['a generation that no key may hold', ofLane({ tenant: { ...lane.tenant, generation: 1.5 } })],
    ['a slot that no account has', ofLane({ slot: 256 })],
    ['a request that does not say whether the events are late', ofLane({ late: undefined })],
    [
      'a record that leads elsewhere in the bucket',
      { ...asked('replay'), record: '../../other/production/b.0' },
    ],
    ['a record without a part', { ...asked('discard'), record: 'b' }],
    ['an invalid time', { ...asked('discard'), receivedAtMs: '2026' }],
  ])('%s', (_what, event) => {
    expect(() => readTask(event)).toThrow(/^Unknown input\. .*Object Created.*Scheduled Event.*replay/s);
  });
});
