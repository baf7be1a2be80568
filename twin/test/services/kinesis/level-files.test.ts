import { describe, expect, it } from 'vitest';
import { crc32c, unmasked } from '../../../src/services/kinesis/crc32c.ts';
import { decompressSnappy } from '../../../src/services/kinesis/snappy.ts';

describe('the checksum', () => {
  // https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4
  it.each([
    [Buffer.from('123456789'), 0xe3069283],
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ])('of %j is as the standard has it', (bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('is unmasked', () => {
    const masked = (((0xe3069283 >>> 15) | (0xe3069283 << 17)) + 0xa282ead8) >>> 0;
    expect(unmasked(masked)).toBe(0xe3069283);
  });
});

it('decompresses text and copies of it, also those that overlap themselves', () => {
  // 'abcd', then 8 bytes from 4 back by a copy of one byte's offset, then 4 from 1 back by one of two bytes'.
  const bytes = Buffer.from([16, 0b0000_1100, 97, 98, 99, 100, 0b0001_0001, 4, 0b0000_1110, 1, 0]);

  expect(decompressSnappy(bytes).toString()).toBe('abcdabcdabcddddd');
});
