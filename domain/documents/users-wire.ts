// The stored form of counts by user. Most platforms name users by UUIDs, which take up most of a document or delta. Their
// 36 digits compress to 20 bytes, and packed to 17.

/** First the UUIDs, packed one after the other, then all other ids, and the counts of both in this order. */
export type UsersWire = readonly [uuids: string, others: readonly string[], counts: readonly number[]];

/** As most write it. Others, such as those in capitals, would not be read as they were. */
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const isUuid = (userId: string): boolean => uuidPattern.test(userId);
export const uuidBytes = 16;
const uuidHexDigits = 2 * uuidBytes;

export const uuidsToBytes = (uuids: readonly string[]): Buffer =>
  Buffer.from(uuids.join('').replaceAll('-', ''), 'hex');

export const uuidsFromBytes = (bytes: Uint8Array): Generator<string> =>
  uuidsOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex'));

export function usersToWire(users: ReadonlyMap<string, number>): UsersWire {
  const [uuids, others]: [string[], string[]] = [[], []];
  const [uuidCounts, otherCounts]: [number[], number[]] = [[], []];
  for (const [userId, count] of users) {
    const packs = isUuid(userId);
    (packs ? uuids : others).push(userId);
    (packs ? uuidCounts : otherCounts).push(count);
  }
  return [uuidsToBytes(uuids).toString('base64'), others, [...uuidCounts, ...otherCounts]];
}

export const usersFromWire = (wire: UsersWire): Map<string, number> => new Map(eachUser(wire));

function* eachUser([uuids, others, counts]: UsersWire): Generator<[userId: string, count: number]> {
  let index = 0;
  for (const uuid of uuidsFromBytes(Buffer.from(uuids, 'base64'))) yield [uuid, counts[index++] ?? 0];
  for (const userId of others) yield [userId, counts[index++] ?? 0];
}

function* uuidsOf(hex: string): Generator<string> {
  for (let at = 0; at < hex.length; at += uuidHexDigits) {
    const digits = (from: number, to: number) => hex.slice(at + from, at + to);
    yield `${digits(0, 8)}-${digits(8, 12)}-${digits(12, 16)}-${digits(16, 20)}-${digits(20, 32)}`;
  }
}
