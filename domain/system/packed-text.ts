// Text or other bytes, compressed with zstd unless it is short: to compress and to decompress take some 50 µs each, however short
// it is, and what is far below a write unit costs no less if it is shorter. Such text is told by its first bytes: JSON never
// begins as a zstd frame does.

import { constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

const shortBytes = 512;
const frameMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** The text must be JSON. */
export const packText = (text: string, level: number): Uint8Array => packBytes(Buffer.from(text), level);

/** They must not begin as a zstd frame does. */
export function packBytes(bytes: Uint8Array, level: number): Uint8Array {
  if (bytes.length <= shortBytes) return bytes;
  return zstdCompressSync(bytes, { params: { [zlib.ZSTD_c_compressionLevel]: level } });
}

/** Throws if it is damaged, or longer than `maxBytes`. */
export function unpackText(packed: Uint8Array, maxBytes?: number): Buffer {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  if (!bytes.subarray(0, frameMagic.length).equals(frameMagic)) return bytes;
  return zstdDecompressSync(bytes, maxBytes === undefined ? {} : { maxOutputLength: maxBytes });
}
