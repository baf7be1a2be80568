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

it('brings any events through unchanged', () => {
  fc.assert(
    fc.property(anyEvents(), (list) => {
      const opened = decodeEnvelope(encodeEnvelope(header, encodeBody(list)));

      expect(JSON.stringify(opened.events)).toBe(JSON.stringify(list));
      expect(opened.header).toMatchObject({ ...header, events: list.length, layout: 1 });
    }),
  );
});

it.each(readableVersions)('still reads version %i, as it was written then', (version) => {
  const kept = readFileSync(new URL(`../../../fixtures/envelope-v${version}.bin`, import.meta.url));

  expect(decodeEnvelope(kept)).toMatchObject({
    header: { batchId: 'batch', events: 3, layout: 1 },
    events: events(3),
  });
});

describe('a record that is not right', () => {
  const sealed = Buffer.from(encodeEnvelope(header, encodeBody(events(20))));

  it('says whose it is and how much is missing when its body is damaged', () => {
    const damaged = Buffer.from(sealed);
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 0xff;

    const open = () => decodeEnvelope(damaged);

    expect(open).toThrow(UnreadableEnvelope);
    expect(catching(open)).toMatchObject({ header: { tenant: header.tenant, events: 20 } });
  });

  it('says so too where its events are not as many as its header says, or no list', () => {
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

  it('says so too where its pages are laid out in a way that is not known here', () => {
    const future = () =>
      decodeEnvelope(encodeEnvelope({ ...header, layout: 99 as 1 }, encodeBody(events(2))));

    expect(catching(future)).toMatchObject({ header: { layout: 99 } });
  });

  it.each([
    ['an account that cannot be', { tenant: { account: 'a#b', environment: 'production' } }],
    ['no environment', { tenant: { account: 'acme' } }],
    ['no tenant', { tenant: undefined }],
    ['a batch id that is none', { batchId: 'a/../b' }],
    ['a part that is no number', { part: '0' }],
    ['a time of receipt that is no time', { receivedAtMs: null }],
    ['a negative retention', { retentionDays: -1 }],
    ['half a slot', { slot: 0.5 }],
  ])('has no owner where its header holds %s', (_, wrong) => {
    const sealedWrong = encodeEnvelope({ ...header, ...wrong } as typeof header, encodeBody(events(2)));

    const error = catching(() => decodeEnvelope(sealedWrong));

    expect(error).toBeInstanceOf(UnreadableEnvelope);
    expect(error).toMatchObject({ header: undefined });
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['something else', Buffer.from('{"hello": "world"}')],
    ['cut in its header', sealed.subarray(0, 40)],
    ['of a version to come', Buffer.concat([Buffer.from('WEIR\x63'), sealed.subarray(5)])],
  ])('is told as unreadable when it is %s', (_, data) => {
    expect(() => decodeEnvelope(data)).toThrow(UnreadableEnvelope);
  });

  it('never makes any bytes throw anything else', () => {
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
