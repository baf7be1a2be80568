import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packText, unpackText } from '../../../../domain/system/packed-text.ts';

it('any JSON comes back', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.integer({ min: 1, max: 5 }), (text, level) => {
      const packed = packText(text, level);
      const inABuffer = Buffer.concat([Buffer.alloc(3), packed, Buffer.alloc(3)]);

      expect(unpackText(inABuffer.subarray(3, 3 + packed.length)).toString()).toBe(text);
    }),
  );
});

it('short text is kept as it is, and long text is compressed', () => {
  const textOf = (length: number) => JSON.stringify('é'.repeat((length - 2) / 2));

  expect(Buffer.from(packText(textOf(512), 1)).toString()).toBe(textOf(512));
  expect(packText(textOf(514), 1).length).toBeLessThan(100);
});

it('no more comes out than is wanted, and nothing of what is damaged', () => {
  const packed = packText(JSON.stringify('a'.repeat(100_000)), 1);

  expect(unpackText(packed, 100_002).length).toBe(100_002);
  expect(() => unpackText(packed, 100_001)).toThrow();
  expect(() => unpackText(Buffer.concat([packed.subarray(0, 8), randomBytes(20)]))).toThrow();
});
