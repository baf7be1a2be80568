// What a document may weigh, and what each of its lists may. Lists are weighed as their text before it is compressed,
// because nothing promises that what clients call things can be compressed.

/** Of all fields of a document. */
export const maxDocumentBytes = 64 * 1024;

/** Of the types, and again of the services; with the users' and the sketch's 4 KB less than the document's. */
export const maxNamesBytes = 20 * 1024;
export const maxUsersBytes = 18 * 1024;

/** `["",1234567890123456],`: brackets, commas and the longest count, beside the name and its quotes. */
const aroundNameBytes = 20;

/** Escapes are counted: a control character takes six bytes in JSON. */
export const entryBytes = (name: string): number => Buffer.byteLength(JSON.stringify(name)) + aroundNameBytes;

export function listBytes(names: Iterable<string>): number {
  let bytes = 0;
  for (const name of names) bytes += entryBytes(name);
  return bytes;
}
