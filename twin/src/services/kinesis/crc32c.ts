// The checksum of LevelDB. Node has CRC-32 only, whose polynomial is another. Eight bytes at a time: streams can be large.

const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as unknown as Readonly<
  [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array]
>;
for (let byte = 0; byte < 256; byte += 1) {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  t0[byte] = value;
}
for (const [index, table] of tables.entries())
  for (let byte = 0; index > 0 && byte < 256; byte += 1) {
    const before = tables[index - 1]?.[byte] ?? 0;
    table[byte] = (before >>> 8) ^ (t0[before & 255] ?? 0);
  }

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8)
    crc =
      of(t7, (crc ^ byte(bytes, at)) & 255) ^
      of(t6, ((crc >>> 8) ^ byte(bytes, at + 1)) & 255) ^
      of(t5, ((crc >>> 16) ^ byte(bytes, at + 2)) & 255) ^
      of(t4, (crc >>> 24) ^ byte(bytes, at + 3)) ^
      of(t3, byte(bytes, at + 4)) ^
      of(t2, byte(bytes, at + 5)) ^
      of(t1, byte(bytes, at + 6)) ^
      of(t0, byte(bytes, at + 7));
  for (; at < bytes.length; at += 1) crc = of(t0, (crc ^ byte(bytes, at)) & 255) ^ (crc >>> 8);
  return ~crc >>> 0;
}

// One for each type: a function that takes both is half as fast.
const of = (table: Uint32Array, index: number) => table[index] as number;
const byte = (bytes: Uint8Array, index: number) => bytes[index] as number;

/** LevelDB keeps them masked. */
export function unmasked(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}
