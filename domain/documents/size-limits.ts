// The size limits of a document and of its lists. Lists are measured before compression, because the names that clients
// choose may not compress.

/** All fields together. */
export const maxDocumentBytes = 64 * 1024;

/** The hours of a day. A month of them is read in three pages at most. */
export const maxDayHoursBytes = 96 * 1024;

/** The list of types, and the list of services. Both lists, the users and the 4 KB sketch fit into one document. */
export const maxNamesBytes = 20 * 1024;
export const maxUsersBytes = 18 * 1024;

/** The longest count of a user and its two commas: `,1234567890123456,`. */
const userOverheadBytes = 18;

/**
 * The longest stats of a name: two commas, two quotes, four spaces, and in base 36 two counts of 11 digits, a sum of 22
 * digits and two values of 12, which have a sign. Names without values have that room too: a value may come later.
 */
const nameOverheadBytes = 2 + 2 + 4 + 2 * 11 + (1 + 22) + 2 * (1 + 12);

/** Measured as JSON, because a control character takes six bytes there. */
const textBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

export const nameEntryBytes = (name: string): number => textBytes(name) + nameOverheadBytes;
export const userEntryBytes = (userId: string): number => textBytes(userId) + userOverheadBytes;

export function listBytes(texts: Iterable<string>, entryBytes: (text: string) => number): number {
  let bytes = 0;
  for (const text of texts) bytes += entryBytes(text);
  return bytes;
}
