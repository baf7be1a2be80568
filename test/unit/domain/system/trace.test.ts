import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  childOf,
  formatTraceparent,
  readTrace,
  readTraceparent,
  readXrayHeader,
  type SpanContext,
  traceOf,
  xrayTraceId,
} from '../../../../domain/system/trace.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const sampled = { traceId, parentId, sampled: true };
const unsampled = { ...sampled, sampled: false };

/** The first two are the examples of the specification, section 3.2.4. */
describe('a traceparent is read', () => {
  it.each([
    ['when it is sampled', `00-${traceId}-${parentId}-01`, sampled],
    ['when it is not', `00-${traceId}-${parentId}-00`, unsampled],
    ['with the flag of a random id too', `00-${traceId}-${parentId}-03`, sampled],
    ['with that flag alone', `00-${traceId}-${parentId}-02`, unsampled],
    ['with unknown flags', `00-${traceId}-${parentId}-ff`, sampled],
    ['of a later version', `01-${traceId}-${parentId}-01`, sampled],
    [
      'of a later version with more fields',
      `cc-${traceId}-${parentId}-01-what-the-future-will-be-like`,
      sampled,
    ],
    ['with an empty additional field', `fe-${traceId}-${parentId}-01-`, sampled],
  ])('%s', (_, text, expected) => {
    expect(readTraceparent(text)).toEqual(expected);
  });
});

describe('a traceparent is ignored', () => {
  it.each([
    ['with version ff', `ff-${traceId}-${parentId}-01`],
    ['with a fifth field in version 00', `00-${traceId}-${parentId}-01-more`],
    ['with a trailing dash in version 00', `00-${traceId}-${parentId}-01-`],
    ['with more characters but no dash in a later version', `cc-${traceId}-${parentId}-01.more`],
    ['with a trace id of zeros', `00-${'0'.repeat(32)}-${parentId}-01`],
    ['with a parent id of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['in upper case', `00-${traceId.toUpperCase()}-${parentId}-01`],
    ['with its flags in upper case', `00-${traceId}-${parentId}-0F`],
    ['with a trace id that is too short', `00-${traceId.slice(1)}-${parentId}-01`],
    ['with a trace id that is too long', `00-${traceId}0-${parentId}-01`],
    ['with a parent id that is too short', `00-${traceId}-${parentId.slice(1)}-01`],
    ['with a character that is no hex digit', `00-${traceId.replace('4', 'g')}-${parentId}-01`],
    ['with flags that are too short', `00-${traceId}-${parentId}-1`],
    ['without flags', `00-${traceId}-${parentId}`],
    ['with a version that is too short', `0-${traceId}-${parentId}-01`],
    ['with other separators', `00_${traceId}_${parentId}_01`],
    ['with spaces around it', ` 00-${traceId}-${parentId}-01 `],
    ['with a trailing newline', `00-${traceId}-${parentId}-01\n`],
    ['empty', ''],
  ])('%s', (_, text) => {
    expect(readTraceparent(text)).toBeUndefined();
  });
});

describe("X-Ray's header", () => {
  const root = '1-5759e988-bd862e3fe1be46a994272793';
  const own = { traceId: '5759e988bd862e3fe1be46a994272793' };
  const parent = '53995c3f42cd8ad8';

  it.each([
    [
      'is read with root, parent and sampling',
      `Root=${root};Parent=${parent};Sampled=1`,
      { ...own, parentId: parent, sampled: true },
    ],
    ['has no parent as the gateway writes it', `Root=${root};Sampled=1`, { ...own, sampled: true }],
    ['is not sampled when it says so', `Root=${root};Sampled=0`, { ...own, sampled: false }],
    ['is not sampled while the decision is open', `Root=${root};Sampled=?`, { ...own, sampled: false }],
    ['is not sampled when it does not say', `Root=${root}`, { ...own, sampled: false }],
    [
      'may have other fields, in any order',
      `Self=1-67891234-12456789abcdef012345678; Sampled=1; Root=${root}; Lineage=a:1|b:0`,
      { ...own, sampled: true },
    ],
    ['drops an invalid parent', `Root=${root};Parent=0;Sampled=1`, { ...own, sampled: true }],
    ['drops a parent of zeros', `Root=${root};Parent=${'0'.repeat(16)};Sampled=1`, { ...own, sampled: true }],
  ])('%s', (_, text, expected) => {
    expect(readXrayHeader(text)).toEqual(expected);
  });

  it.each([
    ['', ''],
    ['without a root', `Parent=${parent};Sampled=1`],
    ['with a root that is too short', 'Root=1-5f-abc;Sampled=1'],
    ['with a root of zeros', `Root=1-${'0'.repeat(8)}-${'0'.repeat(24)};Sampled=1`],
    ['with a root of another version', `Root=2${root.slice(1)};Sampled=1`],
    ['that is very long', `Root=1-5f-${'x'.repeat(100_000)}`],
    ['of separators only', ';=;='.repeat(10_000)],
  ])('is ignored: %s', (_, text) => {
    expect(readXrayHeader(text)).toBeUndefined();
  });
});

describe('of a request', () => {
  const xray = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
  const tracedBy = (headers: Record<string, string>) => traceOf((name) => headers[name]);

  it("the client's trace comes first, then the gateway's, then none", () => {
    const traceparent = `00-${traceId}-${parentId}-01`;

    expect(tracedBy({ traceparent, 'x-amzn-trace-id': xray })).toEqual(sampled);
    expect(tracedBy({ traceparent: 'nonsense', 'x-amzn-trace-id': xray })).toEqual(readXrayHeader(xray));
    expect(tracedBy({ 'x-amzn-trace-id': xray })).toEqual(readXrayHeader(xray));
    expect(tracedBy({})).toBeUndefined();
  });

  it('the trace of a record is read in either format', () => {
    expect(readTrace(`00-${traceId}-${parentId}-01`)).toEqual(sampled);
    expect(readTrace(xray)).toEqual(readXrayHeader(xray));
    expect(readTrace('')).toBeUndefined();
  });
});

describe('a span', () => {
  const random = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 255, 9, 9]);

  it('has the parent that its context names', () => {
    expect(childOf(sampled, random)).toEqual({ ...sampled, spanId: '01020304050607ff' });
  });

  it('has no parent if the context names none', () => {
    const context = childOf({ traceId, sampled: false }, random);

    expect(context).toEqual({ traceId, spanId: '01020304050607ff', sampled: false });
    expect(context).not.toHaveProperty('parentId');
  });

  it('is a child of the span that it was made from', () => {
    const above: SpanContext = { ...sampled, spanId: 'a'.repeat(16) };

    expect(childOf(above, random)).toMatchObject({ parentId: 'a'.repeat(16), spanId: '01020304050607ff' });
  });

  it('has a valid id even if the random bytes are zeros', () => {
    const context = childOf(sampled, new Uint8Array(8));

    expect(readTraceparent(formatTraceparent(context))).toMatchObject({ parentId: context.spanId });
  });

  it('is read from its traceparent as the parent, and X-Ray gets the same trace id', () => {
    const hexOf = (digits: number) =>
      fc
        .uint8Array({ minLength: digits / 2, maxLength: digits / 2 })
        .map((bytes) => Buffer.from(bytes).toString('hex'))
        .filter((hex) => /[^0]/.test(hex));
    fc.assert(
      fc.property(hexOf(32), hexOf(16), fc.boolean(), (trace, spanId, isSampled) => {
        const span: SpanContext = { traceId: trace, spanId, sampled: isSampled };

        const context = { traceId: trace, parentId: spanId, sampled: isSampled };
        expect(readTrace(formatTraceparent(span))).toEqual(context);
        const header = `Root=${xrayTraceId(span)};Parent=${spanId};Sampled=${isSampled ? 1 : 0}`;
        expect(readTrace(header)).toEqual(context);
      }),
    );
  });
});

it('reading never throws, whatever the text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      readTrace(text);
      readTrace(`Root=${text};Parent=${text}`);
    }),
  );
});
