// The size limits of a document and of its lists. Lists are measured before compression, because the names that clients
// choose may not compress.

/** All fields together. */
export const maxDocumentBytes = 64 * 1024;

/** The list of types, and the list of services. Both lists, the users and the 4 KB sketch fit into one document. */
export const maxNamesBytes = 20 * 1024;
export const maxUsersBytes = 18 * 1024;

/** An entry is `["name",1234567890123456],`: this is all of it but the name and its quotes, with the longest count. */
const entryOverheadBytes = 20;

/** Measured as JSON, because a control character takes six bytes there. */
export const entryBytes = (name: string): number =>
  Buffer.byteLength(JSON.stringify(name)) + entryOverheadBytes;

export function listBytes(names: Iterable<string>): number {
  let bytes = 0;
  for (const name of names) bytes += entryBytes(name);
  return bytes;
}
