import { type Entries, readEntries, writeEntries } from '../../domain/documents/entries.ts';
import { ByteReader, ByteWriter } from '../../domain/system/bytes.ts';

export function entriesOf(counts: ReadonlyMap<string, number>): Entries {
  const writer = new ByteWriter();
  writeEntries(writer, [...counts.keys()], [...counts.values()]);
  return readEntries(new ByteReader(writer.written()));
}
