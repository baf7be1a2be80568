// Histories compress and decompress the same small bytes again and again, and each call makes a context that takes longer
// than its work. So what was made of which bytes is remembered.

import type zlib from 'node:zlib';

type Zlib = typeof zlib;
type Call = (bytes: Uint8Array | string, options?: object) => Uint8Array;

const mostRemembered = 20_000;
/** Larger ones are rare. */
const mostBytes = 4096;

function remembering(call: Call): Call {
  const made = new Map<string, Uint8Array>();
  return (bytes, options) => {
    if (bytes.length > mostBytes) return call(bytes, options);
    const name = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1');
    const found = made.get(name);
    if (found) return found;
    // A copy: the result lies in a buffer of 64 KB, which would be remembered with it.
    const result = Buffer.from(call(bytes, options));
    if (made.size >= mostRemembered) made.clear();
    made.set(name, result);
    return result;
  };
}

export const rememberedZstd = (original: Zlib): Zlib => ({
  ...original,
  zstdCompressSync: remembering(original.zstdCompressSync as Call) as Zlib['zstdCompressSync'],
  zstdDecompressSync: remembering(original.zstdDecompressSync as Call) as Zlib['zstdDecompressSync'],
});
