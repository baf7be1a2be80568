import { describe, expect, it, vi } from 'vitest';
import { ProblemError } from '../../../../../lambdas/edge/http.ts';
import { eventsDoor } from '../../../../../lambdas/ingest/doors/events.ts';
import { parseEvents } from '../../../../../lambdas/ingest/doors/parse.ts';
import { httpRequest } from '../../../../support/requests.ts';

type Form = 'json' | 'ndjson';
const contentTypes = { json: 'application/json', ndjson: 'application/x-ndjson' } as const;
const parse = (text: string | Buffer, form: Form = 'json') =>
  parseEvents(
    eventsDoor,
    { bytes: Buffer.from(text as string), contentType: contentTypes[form] },
    httpRequest({}),
  );
const refusal = (text: string | Buffer, form: Form = 'json') => {
  try {
    parse(text, form);
    return 'parsed';
  } catch (error) {
    return error instanceof ProblemError ? { code: error.code, ...error.extra } : error;
  }
};
const infinite = Number.POSITIVE_INFINITY;
const lines = (count: number) => '{"type":"t"}\n'.repeat(count);

describe('JSON', () => {
  it.each<[string, string, unknown[]]>([
    ['an array', '[{"type":"a"},{"type":"b"}]', [{ type: 'a' }, { type: 'b' }]],
    ['one object', ' {"type":"a"}\n', [{ type: 'a' }]],
    ['nothing in an array', '[]', []],
    ['null, for validation to refuse', 'null', [null]],
    ['a number, for validation to refuse', '17', [17]],
    ['a byte order mark', '\ufeff[{"type":"a"}]', [{ type: 'a' }]],
    ['the last of two keys with one name', '{"type":"a","type":"b"}', [{ type: 'b' }]],
  ])('may be %s', (_, text, events) => {
    expect(parse(text)).toEqual(events);
  });

  it('keeps __proto__ as a field of its own and gives nothing a prototype', () => {
    const [event] = parse('{"__proto__":{"type":"t"}}') as [object];

    expect(Object.keys(event)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
  });

  it.each<[string, string, unknown]>([
    ['9007199254740993', 'infinity, for validation to refuse', infinite],
    ['-12345678901234567890', 'infinity, for validation to refuse', infinite],
    ['9007199254740994', 'the number, which is exact', 9007199254740994],
    ['100000000000000000000', 'the number, which is exact', 1e20],
    ['1e20', 'the number', 1e20],
    ['1234567890123456.7', 'the nearest number', 1234567890123456.8],
    ['4111111111111111', 'the number', 4111111111111111],
    ['9'.repeat(400), 'infinity, for validation to refuse', infinite],
  ])('takes %s for %s', (number, _, value) => {
    expect(parse(`[{"type":"t","metadata":{"n":${number}}}]`)).toEqual([
      { type: 't', metadata: { n: value } },
    ]);
    expect(parse(`[{"metadata":{"n":[1, ${number}]}}]`)).toEqual([{ metadata: { n: [1, value] } }]);
  });

  it.each([
    ['after a tab', '[{"n":\t12345678901234567890}]'],
    ['after a line break', '[{"n":\r\n12345678901234567890\r\n}]'],
    ['next to others', '[{"n":[9007199254740993,9007199254740993]}]'],
    ['behind a safe one', '[{"n":[1795273728123456,9007199254740993]}]'],
  ])('finds an integer that a double cannot hold %s', (_, text) => {
    expect(JSON.stringify(parse(text), (__, value) => (value === infinite ? 'infinity' : value))).toContain(
      'infinity',
    );
  });

  it.each<[string, unknown]>([
    ['123456789012.123456', infinite],
    ['0.1234560000000000001', infinite],
    ['12345.678900000000000001', infinite],
    ['1e-400', infinite],
    ['123456789012345678e-6', infinite],
    ['9007199254740993', infinite],
    [`1.${'0'.repeat(500_000)}1`, infinite],
    ['123456789012.125', 123456789012.125],
    ['-0.10000000000000000', -0.1],
    ['1.5E+3', 1500],
    ['1e-3', 0.001],
    ['0e5', 0],
    ['0.30000000000000004', 0.30000000000000004],
    ['1e400', infinite],
  ])('takes the value %s of an event for a number only if it is that number', (number, value) => {
    expect(parse(`{"value":${number}}`)).toEqual([{ value }]);
    expect(parse(`[{},{"v\\u0061lue" : ${number}}]`)).toEqual([{}, { value }]);
    expect(parse(`{"type":"t"}\n{"value":\t${number}}`, 'ndjson')).toEqual([{ type: 't' }, { value }]);
  });

  it('takes a value within metadata for the nearest number', () => {
    expect(parse('[{"metadata":{"value":0.1234560000000000001},"value":1}]')).toEqual([
      { metadata: { value: 0.123456 }, value: 1 },
    ]);
  });

  it('takes the last of two values', () => {
    expect(parse('[{"value":0.1234560000000000001,"value":2}]')).toEqual([{ value: 2 }]);
    expect(parse('[{"value":2,"value":0.1234560000000000001}]')).toEqual([{ value: infinite }]);
  });

  it('does not take a string for a number', () => {
    expect(parse('[{"n":"a, 12345678901234567890, b"}]')).toEqual([{ n: 'a, 12345678901234567890, b' }]);
  });

  it('may nest deep beside any long integer', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

    expect(parse(`[{"n":1795273728123456},${deep}]`)).toHaveLength(2);
    expect(parse(`[{"n":12345678901234567890},${deep}]`)).toEqual([{ n: infinite }, expect.anything()]);
  });

  it('is parsed once and natively, however many values are beside a long integer', () => {
    const parseJson = vi.spyOn(JSON, 'parse');
    try {
      parse(`[{"a":[${'1,'.repeat(250_000)}12345678901234567890]}]`);

      expect(parseJson.mock.calls.map((given) => given.length)).toEqual([1]);
    } finally {
      parseJson.mockRestore();
    }
  });

  it('keeps __proto__ also beside a long integer', () => {
    const [event] = parse('{"__proto__":{"n":12345678901234567890}}') as [object];

    expect(Object.keys(event)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
  });

  it('may nest as deep as 512 KiB allow', () => {
    const deep = '['.repeat(250_000) + ']'.repeat(250_000);
    expect(parse(deep)).toHaveLength(1);
  });

  it.each<[string, string | Buffer, string]>([
    ['blank', ' \n\t', 'empty_body'],
    ['cut off', '[{"type":', 'invalid_json'],
    ['followed by more', '{"type":"a"}{"type":"b"}', 'invalid_json'],
    ['with a raw NUL in a text', '{"type":"a\0"}', 'invalid_json'],
    ['of bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'invalid_json'],
    ['of a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'invalid_json'],
    ['of an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'invalid_json'],
    ['of an integer with a zero before it', '[01234567890123456789]', 'invalid_json'],
    ['of a value of two points', '[{"value":0.12345678901234567.8}]', 'invalid_json'],
    ['of a long integer and a text that does not end', '[12345678901234567890,"', 'invalid_json'],
    ['of a long integer and a text that ends with \\', '[12345678901234567890,"\\', 'invalid_json'],
    ['of NaN', '[NaN]', 'invalid_json'],
    ['of 501 events', `[${'{},'.repeat(500)}{}]`, 'batch_too_large'],
  ])('is refused when it is %s', (_, text, code) => {
    expect(refusal(text)).toMatchObject({ code });
  });

  it('may hold 500 events', () => {
    expect(parse(`[${'{},'.repeat(499)}{}]`)).toHaveLength(500);
  });
});

describe('NDJSON', () => {
  it.each([
    ['a newline after each line', '{"type":"a"}\n{"type":"b"}\n'],
    ['none after the last', '{"type":"a"}\n{"type":"b"}'],
    ['CRLF', '{"type":"a"}\r\n{"type":"b"}\r\n'],
    ['blank lines', '\n{"type":"a"}\n\r\n \n{"type":"b"}\n\n'],
    ['a byte order mark', '\ufeff{"type":"a"}\n{"type":"b"}'],
  ])('may have %s', (_, text) => {
    expect(parse(text, 'ndjson')).toEqual([{ type: 'a' }, { type: 'b' }]);
  });

  it('takes an array on a line for one invalid event', () => {
    expect(parse('[{"type":"a"}]\n', 'ndjson')).toEqual([[{ type: 'a' }]]);
  });

  it.each([
    ['a bad line', '{"type":"a"}\n{"type":\n{"type":"c"}\n', 2],
    ['a bad line after blank ones', '\n\r\n{"type":"a"}\r\nno\r\n', 4],
    ['two events on a line', '{"type":"a"},{"type":"b"}\n', 1],
  ])('names the number of %s', (_, text, line) => {
    expect(refusal(text, 'ndjson')).toMatchObject({
      code: 'invalid_json',
      line,
      detail: expect.stringContaining(`Line ${line} `),
    });
  });

  it('may hold 500 events and no more, however many blank lines', () => {
    expect(parse(`${lines(500)}\n\n\n`, 'ndjson')).toHaveLength(500);
    expect(refusal(lines(501), 'ndjson')).toMatchObject({ code: 'batch_too_large' });
    expect(refusal('\n'.repeat(500_000), 'ndjson')).toMatchObject({ code: 'empty_body' });
  });

  it('stops at the first event too many', () => {
    expect(refusal(`${lines(501)}not JSON\n`, 'ndjson')).toMatchObject({ code: 'batch_too_large' });
  });
});
