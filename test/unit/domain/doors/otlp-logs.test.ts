import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { eventsOfLogs } from '../../../../domain/doors/otlp-logs.ts';
import { validateBatch } from '../../../../domain/event/batch.ts';
import { nowMs } from '../../../support/events.ts';

const attribute = (key: string, value: object) => ({ key, value });
const named = (name: string) => attribute('service.name', { stringValue: name });
const logs = (records: readonly unknown[], attributes: readonly object[] = [named('shop')]) => ({
  resourceLogs: [{ resource: { attributes }, scopeLogs: [{ scope: { name: 'lib' }, logRecords: records }] }],
});
const eventsOf = (records: readonly unknown[], attributes?: readonly object[]) => {
  const read = eventsOfLogs(logs(records, attributes), 1000);
  return 'events' in read ? read.events : read.fault;
};

type Shared = { readonly resource?: object; readonly scope?: object };

function deepValue(levels: number): object {
  let value: object = { intValue: 1 };
  for (let level = 0; level < levels; level += 1) value = { arrayValue: { values: [value] } };
  return value;
}

describe('a log record', () => {
  it('becomes an event', () => {
    const record = {
      timeUnixNano: '1796093677551000001',
      observedTimeUnixNano: '1796093677552000000',
      severityNumber: 9,
      severityText: 'INFO',
      eventName: 'Order Completed',
      body: { kvlistValue: { values: [attribute('n', { intValue: 1 })] } },
      attributes: [
        attribute('user.id', { stringValue: 'ada' }),
        attribute('log.record.uid', { stringValue: 'uid-1' }),
        attribute('big', { intValue: '9007199254740993' }),
        attribute('list', { arrayValue: { values: [{ boolValue: true }, { doubleValue: 1.5 }, {}] } }),
      ],
      droppedAttributesCount: 0,
      traceId: 'aa',
    };

    expect(eventsOf([record])).toEqual([
      {
        event_id: 'uid-1',
        type: 'Order Completed',
        timestamp: 1796093677551,
        user_id: 'ada',
        service: 'shop',
        metadata: {
          attributes: {
            'user.id': 'ada',
            'log.record.uid': 'uid-1',
            big: '9007199254740993',
            list: [true, 1.5, null],
          },
          resource: { 'service.name': 'shop' },
          scope: { name: 'lib' },
          timeUnixNano: '1796093677551000001',
          observedTimeUnixNano: '1796093677552000000',
          severityNumber: 9,
          severityText: 'INFO',
          traceId: 'aa',
          body: { n: 1 },
        },
      },
    ]);
  });

  it('needs nothing at all', () => {
    expect(eventsOf([{}], [])).toEqual([{ type: 'log', metadata: { scope: { name: 'lib' } } }]);
  });

  it.each([
    [
      'the attribute event.name',
      { attributes: [attribute('event.name', { stringValue: 'a' })] },
      { type: 'a' },
    ],
    [
      'the time at which it was observed, if its own is 0',
      { timeUnixNano: '0', observedTimeUnixNano: '1796093677552000000' },
      { timestamp: 1796093677552 },
    ],
    ['enduser.id', { attributes: [attribute('enduser.id', { stringValue: 'u' })] }, { user_id: 'u' }],
    [
      'both of its times',
      { timeUnixNano: '1796093677551000001', observedTimeUnixNano: '1796093677552000001' },
      {
        timestamp: 1796093677551,
        metadata: { timeUnixNano: '1796093677551000001', observedTimeUnixNano: '1796093677552000001' },
      },
    ],
    [
      'an integer that is none, as it was sent',
      { body: { intValue: '0x10' } },
      { metadata: { body: '0x10' } },
    ],
    ['an empty integer, as it was sent', { body: { intValue: '' } }, { metadata: { body: '' } }],
    ['bytes as their text', { body: { bytesValue: 'AQID' } }, { metadata: { body: 'AQID' } }],
  ])('may have %s', (_, record, expected) => {
    expect(eventsOf([record])).toMatchObject([expected]);
  });

  it('is refused for a time that is none, and for a body that is too deep', () => {
    const deep = (levels: number): object =>
      levels === 0 ? { intValue: 1 } : { arrayValue: { values: [deep(levels - 1)] } };
    const events = eventsOf([{ timeUnixNano: 'soon' }, { body: deep(5000) }, { body: deep(5) }, 'text']);
    const { accepted, rejected } = validateBatch(events as unknown[], {
      account: 'acme',
      receivedAtMs: nowMs,
    });

    expect(accepted).toHaveLength(1);
    expect(rejected).toMatchObject([
      { index: 0, field: 'timeUnixNano' },
      { index: 1, code: 'metadata_too_large' },
      { index: 3, code: 'not_an_object' },
    ]);
  });

  it('keeps the name __proto__', () => {
    const [event] = eventsOf([{ attributes: [attribute('__proto__', { stringValue: 'x' })] }]) as [
      { metadata: { attributes: object } },
    ];

    expect(Object.keys(event.metadata.attributes)).toEqual(['__proto__']);
  });
});

describe('a request of logs', () => {
  it.each([null, [], {}, { resourceLogs: {} }, 'text'])('is none: %j', (document) => {
    expect(eventsOfLogs(document, 1000)).toEqual({ fault: 'no logs' });
  });

  it('has 1,000 records at most', () => {
    expect(eventsOf(Array.from({ length: 1000 }, () => ({})))).toHaveLength(1000);
    expect(eventsOf(Array.from({ length: 1001 }, () => ({})))).toBe('too large');
  });

  it('does not become large by what its resource says once', () => {
    const long = [attribute('a', { stringValue: 'x'.repeat(30_000) })];

    expect(eventsOf([{}], long)).toHaveLength(1);
    expect(
      eventsOf(
        Array.from({ length: 500 }, () => ({})),
        long,
      ),
    ).toBe('too large');
  });

  it('is looked at once, however many scopes it has, with records or without', () => {
    const attributes = Array.from({ length: 1000 }, (_, n) => attribute(`k${n}`, { intValue: n }));
    let looked = 0;
    const resource = {
      attributes: new Proxy(attributes, {
        get: (target, name, receiver) => {
          if (name === 'map') looked += 1;
          return Reflect.get(target, name, receiver);
        },
      }),
    };
    const ask = (scopeLogs: readonly unknown[]) =>
      eventsOfLogs({ resourceLogs: [{ resource, scopeLogs }] }, 1000);
    const stringify = vi.spyOn(JSON, 'stringify');
    try {
      expect(ask(Array.from({ length: 50_000 }, () => 0))).toEqual({ events: [] });
      expect(ask(Array.from({ length: 50_000 }, () => ({ logRecords: [] })))).toEqual({ events: [] });
      expect(looked + stringify.mock.calls.length).toBe(0);
      ask(Array.from({ length: 100 }, () => ({ logRecords: [{}] })));

      expect(looked).toBe(1);
      expect(
        stringify.mock.calls.filter(([group]) => 'resource' in (group as object)).length,
      ).toBeLessThanOrEqual(2);
    } finally {
      stringify.mockRestore();
    }
  });

  it.each([
    ['resource', 'deep', { resource: { attributes: [attribute('a', deepValue(50_000))] } }],
    ['scope', 'deep', { scope: deepValue(50_000) }],
    ['resource', 'long', { resource: { attributes: [attribute('a', { stringValue: 'x'.repeat(40_000) })] } }],
  ])('whose %s is too %s is refused, record by record', (field, _, { resource, scope }: Shared) => {
    const read = eventsOfLogs(
      {
        resourceLogs: [
          { resource, scopeLogs: [{ scope, logRecords: Array.from({ length: 900 }, () => ({})) }] },
        ],
      },
      1000,
    );
    const { accepted, rejected } = validateBatch('events' in read ? read.events : [], {
      account: 'acme',
      receivedAtMs: nowMs,
    });

    expect(accepted).toHaveLength(0);
    expect(rejected).toHaveLength(900);
    expect(rejected[0]).toMatchObject({ code: 'metadata_too_large', field });
  });

  it('can hold anything, without an error', () => {
    const json = fc.jsonValue();
    const anyLogs = fc.record({
      resourceLogs: fc.array(
        fc.record({
          resource: json,
          scopeLogs: fc.oneof(
            json,
            fc.array(fc.record({ scope: json, logRecords: fc.oneof(json, fc.array(json)) })),
          ),
        }),
      ),
    });
    fc.assert(
      fc.property(anyLogs, (document) => {
        const read = eventsOfLogs(document, 1000);
        if ('events' in read) validateBatch(read.events, { account: 'acme', receivedAtMs: nowMs });
      }),
      { seed: 23 },
    );
  });
});

it('a time of a log record that is null is not known', () => {
  const logRecords = [{ timeUnixNano: null, observedTimeUnixNano: '1000000' }, { timeUnixNano: null }];
  const logs = eventsOfLogs({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }, 2);

  expect(logs).toMatchObject({ events: [{ timestamp: 1 }, { type: 'log' }] });
  expect(logs).not.toHaveProperty('events.1.timestamp');
});
