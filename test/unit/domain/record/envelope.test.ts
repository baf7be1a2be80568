import { readFileSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeEnvelope,
  encodeBody,
  encodeEnvelope,
  readableVersions,
  UnreadableEnvelope,
} from '../../../../domain/record/envelope.ts';
import { anyEvents, events, nowMs } from '../../../support/events.ts';

const header = {
  tenant: { account: 'acme', environment: 'production' },
  batchId: 'batch',
  part: 0,
  parts: 1,
  slot: 0,
  layout: 1 as const,
  receivedAtMs: nowMs,
  retentionDays: 30,
  region: 'us-east-1',
  requestId: 'request-1',
};

it('encodes and decodes any events unchanged', () => {
  fc.assert(
    fc.property(anyEvents(), (list) => {
      const opened = decodeEnvelope(encodeEnvelope(header, encodeBody(list)));

      expect(JSON.stringify(opened.events)).toBe(JSON.stringify(list));
      expect(opened.header).toMatchObject({ ...header, events: list.length, layout: 1 });
    }),
  );
});

it.each(readableVersions)('still reads a stored record of version %i', (version) => {
  const kept = readFileSync(new URL(`../../../fixtures/envelope-v${version}.bin`, import.meta.url));

  expect(decodeEnvelope(kept)).toMatchObject({
    header: { batchId: 'batch', events: 3, layout: 1 },
    events: events(3),
  });
});

describe('a damaged record', () => {
  const sealed = Buffer.from(encodeEnvelope(header, encodeBody(events(20))));

  it('has a readable header if its body is damaged', () => {
    const damaged = Buffer.from(sealed);
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 0xff;

    const open = () => decodeEnvelope(damaged);

    expect(open).toThrow(UnreadableEnvelope);
    expect(catching(open)).toMatchObject({ header: { tenant: header.tenant, events: 20 } });
  });

  it('has a readable header if its events are no list, or not as many as the header says', () => {
    const { bytes } = encodeBody(events(20));
    const short = () => decodeEnvelope(encodeEnvelope(header, { bytes, events: 21 }));
    const list = zstdCompressSync('{"length":20}');

    expect(catching(short)).toMatchObject({ header: { events: 21 } });
    expect(catching(() => decodeEnvelope(encodeEnvelope(header, { bytes: list, events: 20 })))).toMatchObject(
      {
        header: { events: 20 },
      },
    );
  });

  it('has a readable header if its layout is unknown', () => {
    const future = () =>
      decodeEnvelope(encodeEnvelope({ ...header, layout: 99 as 1 }, encodeBody(events(2))));

    expect(catching(future)).toMatchObject({ header: { layout: 99 } });
  });

  it.each([
    ['an invalid account', { tenant: { account: 'a#b', environment: 'production' } }],
    ['no environment', { tenant: { account: 'acme' } }],
    ['no tenant', { tenant: undefined }],
    ['an invalid batch id', { batchId: 'a/../b' }],
    ['a part that is not a number', { part: '0' }],
    ['a time of receipt that is not a number', { receivedAtMs: null }],
    ['a negative retention', { retentionDays: -1 }],
    ['a fractional slot', { slot: 0.5 }],
  ])('is unreadable if its header has %s', (_, wrong) => {
    const sealedWrong = encodeEnvelope({ ...header, ...wrong } as typeof header, encodeBody(events(2)));

    const error = catching(() => decodeEnvelope(sealedWrong));

    expect(error).toBeInstanceOf(UnreadableEnvelope);
    expect(error).toMatchObject({ header: undefined });
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['something else', Buffer.from('{"hello": "world"}')],
    ['cut in its header', sealed.subarray(0, 40)],
    ['of a later version', Buffer.concat([Buffer.from('WEIR\x63'), sealed.subarray(5)])],
  ])('is unreadable if it is %s', (_, data) => {
    expect(() => decodeEnvelope(data)).toThrow(UnreadableEnvelope);
  });

  it('throws only UnreadableEnvelope, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: sealed.length }), (noise, keep) => {
        const bytes = Buffer.concat([sealed.subarray(0, keep), noise]);
        const thrown = catching(() => decodeEnvelope(bytes));
        expect(thrown === undefined || thrown instanceof UnreadableEnvelope).toBe(true);
      }),
    );
  });
});

function catching(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
