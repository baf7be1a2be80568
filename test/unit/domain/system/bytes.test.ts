import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../../../domain/system/bytes.ts';

it('numbers, integers and bytes come back in their order, whatever their size', () => {
  const anyPart = fc.oneof(
    fc.maxSafeNat().map((number) => ({ number })),
    fc
      .constantFrom(0, 127, 128, 2 ** 31, 2 ** 32, 2 ** 49 - 1, 2 ** 49, 2 ** 53 - 1)
      .map((number) => ({ number })),
    fc.bigInt({ min: -(10n ** 34n), max: 10n ** 34n }).map((integer) => ({ integer })),
    fc
      .constantFrom(0n, -1n, 63n, -64n, -65n, 2n ** 48n, -(2n ** 48n), 2n ** 52n, -(2n ** 53n))
      .map((integer) => ({ integer })),
    fc.uint8Array({ maxLength: 3000 }).map((bytes) => ({ bytes })),
  );
  fc.assert(
    fc.property(fc.array(anyPart), (parts) => {
      const writer = new ByteWriter();
      for (const part of parts)
        if ('number' in part) writer.number(part.number);
        else if ('integer' in part) writer.integer(part.integer);
        else writer.bytes(part.bytes);

      const reader = new ByteReader(writer.written());
      const read = parts.map((part) => {
        expect(reader.isAtEnd && !('bytes' in part)).toBe(false);
        if ('number' in part) return { number: reader.number() };
        if ('integer' in part) return { integer: reader.integer() };
        return { bytes: Uint8Array.from(reader.bytes(part.bytes.length)) };
      });

      expect(read).toEqual(parts);
      expect(reader.isAtEnd).toBe(true);
    }),
  );
});

it('a small number takes one byte', () => {
  const writer = new ByteWriter();
  writer.number(127);
  writer.integer(-64n);
  writer.number(128);

  expect([...writer.written()]).toEqual([127, 127, 128, 1]);
});

it('what ends early is not read as less', () => {
  expect(() => new ByteReader(Uint8Array.of(128)).number()).toThrow(RangeError);
  expect(() => new ByteReader(Uint8Array.of(255, 128)).integer()).toThrow(RangeError);
  expect(() => new ByteReader(Uint8Array.of(1)).bytes(2)).toThrow(RangeError);
});
