import { readdirSync, readFileSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeEnvelope,
  encodeBody,
  encodeEnvelope,
  readableVersions,
  readHeader,
  UnreadableEnvelope,
} from '../../../../domain/record/envelope.ts';
import { anyEvents, events, nowMs } from '../../../support/events.ts';
import { ofLaterVersion } from '../../../support/later-version.ts';

const header = {
  tenant: { account: 'acme', environment: 'production', generation: 0 },
  batchId: 'batch',
  part: 0,
  parts: 1,
  slot: 0,
  late: false,
  kind: 'events' as const,
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
      expect(opened.header).toEqual({ ...header, events: list.length });
    }),
  );
});

it('reads every version of which a record is kept, so that none goes by accident while records of it may be in a stream', () => {
  const kept = readdirSync(new URL('../../../fixtures/', import.meta.url)).flatMap(
    (name) => /^envelope-v(\d+)\.bin$/.exec(name)?.slice(1).map(Number) ?? [],
  );

  expect(readableVersions.toSorted()).toEqual(kept.toSorted());
});

it.each(readableVersions)('still reads a stored record of version %i', (version) => {
  const kept = readFileSync(new URL(`../../../fixtures/envelope-v${version}.bin`, import.meta.url));

  expect(decodeEnvelope(kept)).toMatchObject({
    header: { ...header, events: 3 },
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
    ['a kind that is no text', { kind: 7 }],
    ['a part past its last one', { part: 1 }],
    ['an invalid account', { tenant: { account: 'a#b', environment: 'production', generation: 0 } }],
    ['no environment', { tenant: { account: 'acme' } }],
    ['no tenant', { tenant: undefined }],
    ['an invalid batch id', { batchId: 'a/../b' }],
    ['no generation', { tenant: { account: 'acme', environment: 'production' } }],
    ['a lane that is neither', { late: 'no' }],
    ['more parts than a batch has', { parts: 5000 }],
    ['a slot past the last', { slot: 256 }],
    ['a retention past the longest', { retentionDays: 70_000 }],
    ['a request id without end', { requestId: 'r'.repeat(129) }],
    ['a trace that is no text', { trace: 7 }],
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
    ['cut in its beginning', sealed.subarray(0, 12)],
    ['of an earlier version', ofLaterVersion(sealed, 1)],
  ])('is unreadable if it is %s', (_, data) => {
    expect(() => decodeEnvelope(data)).toThrow(UnreadableEnvelope);
  });

  it('is known as damaged wherever a byte was changed', () => {
    fc.assert(
      fc.property(fc.nat({ max: sealed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(sealed);
        damaged[at] = (damaged[at] ?? 0) ^ change;

        expect(() => decodeEnvelope(damaged)).toThrow(UnreadableEnvelope);
      }),
    );
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

describe('a record of a later version', () => {
  const written = encodeEnvelope({ ...header, part: 3, parts: 4 }, encodeBody(events(20)));
  const later = ofLaterVersion(written);

  it('says which record it is, and of how many events', () => {
    expect(catching(() => readHeader(later))).toMatchObject({
      name: 'NewerEnvelope',
      record: { batchId: 'batch', part: 3, events: 20 },
    });
  });

  it('is of a later release, too, if it carries what is not known yet', () => {
    const other = { ...header, kind: 'exports' } as unknown as typeof header;

    expect(catching(() => readHeader(encodeEnvelope(other, encodeBody(events(2)))))).toMatchObject({
      name: 'NewerEnvelope',
      record: { batchId: 'batch', part: 0, events: 2 },
    });
  });

  it('is damaged, and not of a later version, if its checksum does not match', () => {
    const damaged = Buffer.from(written);
    damaged.writeUInt8(99, 8);

    expect(catching(() => readHeader(damaged))).toMatchObject({ name: 'UnreadableEnvelope' });
  });
});

describe('the partition key of a record', () => {
  const sealed = encodeEnvelope({ ...header, slot: 2, late: true }, encodeBody(events(1)));

  it('is that of its header', () => {
    expect(readHeader(sealed, 'acme#production#0#2#late')).toMatchObject({ slot: 2, late: true });
  });

  it.each([
    'acme#production#0#2',
    'acme#production#0#1#late',
    'acme#production#1#2#late',
    'acme#staging#0#2#late',
    'other#production#0#2#late',
  ])('is not %s: then it is unreadable', (partitionKey) => {
    expect(() => readHeader(sealed, partitionKey)).toThrow(UnreadableEnvelope);
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
