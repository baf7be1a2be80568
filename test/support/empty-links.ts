// Links that hold nothing at the beginning of a log. The last one expires soon: whoever builds on it prolongs it.

import { insertItems } from '../../adapters/aws/insert-items.ts';
import type { Table } from '../../adapters/aws/table.ts';
import { toLinkItem } from '../../adapters/storing/dynamodb-claim-logs.ts';
import { placeInLog } from '../../domain/storing/claim-log.ts';
import { checksumOfLink, linkOfClaims, noLink } from '../../domain/storing/link.ts';
import { dayMs, hourMs } from '../../domain/system/time.ts';

const soonMs = 12 * hourMs;
const lateMs = 365 * dayMs;

export type EmptyLinks = {
  /** Of the id whose log it is. */
  readonly identityKey: string;
  readonly count: number;
  readonly nowMs: number;
};

export async function putEmptyLinks(table: Table, { identityKey, count, nowMs }: EmptyLinks): Promise<void> {
  const { log } = placeInLog(identityKey) ?? {};
  if (log === undefined) throw new Error(`${identityKey} is claimed singly.`);
  let checksum = noLink;
  const links = Array.from({ length: count }, (_, position) => {
    const data = linkOfClaims(checksum, []);
    checksum = checksumOfLink(data);
    return { log, position, data, expiresAtMs: nowMs + (position < count - 1 ? lateMs : soonMs) };
  });
  const results = await insertItems(table, links, toLinkItem);
  if (results.some((result) => result !== 'inserted')) throw new Error(`Not all links of ${log} were put.`);
}
