// Decompresses one block of Snappy, as LevelDB's tables hold them.
// https://github.com/google/snappy/blob/main/format_description.txt

export function decompressSnappy(bytes: Buffer): Buffer {
  let at = 0;
  const byte = () => bytes[at++] ?? 0;
  const number = (count: number) => {
    let value = 0;
    for (let index = 0; index < count; index += 1) value += byte() * 256 ** index;
    return value;
  };
  let length = 0;
  for (let scale = 1; ; scale *= 128) {
    const part = byte();
    length += (part & 127) * scale;
    if (part < 128) break;
  }
  const output = Buffer.alloc(length);
  let end = 0;
  const copy = (count: number, distance: number) => {
    // Byte by byte: it may overlap what it writes.
    for (let index = 0; index < count; index += 1, end += 1) output[end] = output[end - distance] ?? 0;
  };
  while (at < bytes.length) {
    const tag = byte();
    const rest = tag >>> 2;
    if ((tag & 3) === 0) {
      const count = 1 + (rest < 60 ? rest : number(rest - 59));
      bytes.copy(output, end, at, at + count);
      at += count;
      end += count;
    } else if ((tag & 3) === 1) copy(4 + (rest & 7), ((rest >>> 3) << 8) + byte());
    else copy(1 + rest, number((tag & 3) === 2 ? 2 : 4));
  }
  return output;
}
