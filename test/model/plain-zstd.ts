// Histories compress and decompress small bytes again and again, and no promise is about compression: so it is left out.

import type zlib from 'node:zlib';

type Zlib = typeof zlib;

const copyOf = (bytes: Uint8Array | string) => Buffer.from(bytes as Uint8Array);

export const plainZstd = (original: Zlib): Zlib => ({
  ...original,
  zstdCompressSync: copyOf as Zlib['zstdCompressSync'],
  zstdDecompressSync: copyOf as Zlib['zstdDecompressSync'],
});
