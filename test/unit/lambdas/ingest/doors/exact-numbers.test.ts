// Which numbers of a body a double does not hold: what a reviver of JSON.parse, called for every value, would find.

import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { maxBatchEvents } from '../../../../../domain/event/batch.ts';
import { replaceInexact } from '../../../../../lambdas/ingest/doors/exact-numbers.ts';

/** An integer anywhere, and the `value` of an event, are infinite if a double changes them. */
function byReviver(json: string): unknown {
  const changed = new Set<unknown>();
  const parse = JSON.parse as (
    text: string,
    reviver: (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown,
  ) => unknown;
  const document = parse(json, function (key, value, { source = '' }) {
    if (typeof value !== 'number') return value;
    if (/^-?\d+$/.test(source)) return isChanged(source) ? Number.POSITIVE_INFINITY : value;
    if (key === 'value' && isChanged(source)) changed.add(this);
    return value;
  });
  const events = Array.isArray(document) ? document : [document];
  for (const event of events)
    if (changed.has(event)) Object.assign(event, { value: Number.POSITIVE_INFINITY });
  return document;
}

/** By exact arithmetic. A number with a point or an exponent is kept if its double has the same digits. */
function isChanged(source: string): boolean {
  const value = Number(source);
  const isInteger = /^-?\d+$/.test(source);
  if (!Number.isFinite(value)) return !isInteger;
  if (isInteger) return BigInt(source) !== BigInt(value);
  const [sent, kept] = [fractionOf(source), fractionOf(String(value))];
  return sent.over * kept.under !== kept.over * sent.under;
}

function fractionOf(number: string): { over: bigint; under: bigint } {
  const [mantissa = '', exponent = '0'] = number.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const power = Number(exponent) - fraction.length;
  const over = BigInt(`${whole}${fraction}`);
  return power < 0
    ? { over, under: 10n ** BigInt(-power) }
    : { over: over * 10n ** BigInt(power), under: 1n };
}

const digits = (minLength: number, maxLength: number) =>
  fc.stringMatching(new RegExp(`^[1-9][0-9]{${minLength - 1},${maxLength - 1}}$`));
const sign = fc.constantFrom('', '-');
const number = fc.oneof(
  fc.tuple(sign, digits(1, 24)).map((parts) => parts.join('')),
  fc.tuple(sign, digits(1, 12), fc.constant('.'), digits(1, 20)).map((parts) => parts.join('')),
  fc.tuple(sign, digits(1, 18), fc.constantFrom('e', 'E', 'e-', 'e+'), fc.constantFrom('0', '3', '12')),
  fc.constantFrom('0', '-0', '0.1', '1e400', '9007199254740993', '9007199254740994', '0.1000000000000000'),
);
const escapedValue = '"\\u0076\\u0061\\u006C\\u0075\\u0065"';
const name = fc.constantFrom(
  '"value"',
  '"v\\u0061\\u006cue"',
  escapedValue,
  '"metadata"',
  '"a"',
  '"val\\"ue"',
  '"\\\\"',
);
const text = fc.constantFrom('""', '"x"', '"12345678901234567890"', '"\\",12345678901234567890,"', '"\\\\"');
const space = fc.constantFrom('', '', ' ', '\n\t');

const { list, object } = fc.letrec<{ json: string; list: string; object: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number.map((parts) => (Array.isArray(parts) ? parts.join('') : parts)),
    text,
    fc.constantFrom('true', 'null'),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(fc.tuple(space, tie('json')), { maxLength: 5 }).map((values) => `[${joined(values)}]`),
  object: fc
    .array(fc.tuple(space, name, space, fc.constant(':'), space, tie('json'), space), { maxLength: 5 })
    .map((fields) => `{${joined(fields)}}`),
}));
const json = fc.oneof(list, object);
const joined = (parts: readonly (readonly string[])[]) => parts.map((each) => each.join('')).join(',');

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the numbers that a double does not hold', () => {
  it('are those that a reviver finds, in any JSON, and no other value changes', () => {
    fc.assert(
      fc.property(json, (body) => {
        expect(JSON.parse(replaceInexact(body))).toEqual(byReviver(body));
      }),
      { numRuns: 3000 },
    );
  });

  it('are replaced in JSON only: what is none stays none', () => {
    const parses = (body: string) => {
      try {
        JSON.parse(body);
        return true;
      } catch {
        return false;
      }
    };
    const cut = fc
      .tuple(json, fc.nat(), fc.constantFrom('', '0', '"', '\\', '.', 'e', '-', '}', ']', ','))
      .map(([body, at, inserted]) => {
        const place = at % (body.length + 1);
        return body.slice(0, place) + inserted + body.slice(place + (at % 3));
      });
    fc.assert(
      fc.property(cut, (body) => {
        expect(parses(replaceInexact(body))).toBe(parses(body));
      }),
      { numRuns: 3000 },
    );
  });

  it('are not looked for in a batch of too many events', () => {
    const batch = (count: number) => `[${Array(count).fill('{"value":1e-400}').join(',')}]`;

    expect(replaceInexact(batch(maxBatchEvents))).not.toBe(batch(maxBatchEvents));
    expect(replaceInexact(batch(maxBatchEvents + 1))).toBe(batch(maxBatchEvents + 1));
  });

  it('cost no parse of a name: what is no JSON may have a hundred thousand with broken escapes', () => {
    const parse = vi.spyOn(JSON, 'parse');

    replaceInexact(`[{${'"\\a":1,'.repeat(100)}"b":12345678901234567890}]`);

    expect(parse).not.toHaveBeenCalled();
  });

  it('look at a name once, however many colons come after it', () => {
    const test = vi.spyOn(RegExp.prototype, 'test');

    replaceInexact(`[{"\\alues"${':'.repeat(100)}12345678901234567890}]`);

    expect(test.mock.calls.length).toBeLessThan(10);
  });
});
