// Reads and appends links of claim logs. Logs of windows that follow each other are in one partition, and one query reads
// them.

import { UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import {
  claimLogName,
  claimLogOfName,
  lastLinkSortKey,
  linkOfSortKey,
  linkSortKey,
} from '../../domain/keys.ts';
import type { LogName } from '../../domain/storing/claim-log.ts';
import type { Link } from '../../domain/storing/known-log.ts';
import type { ClaimLogs, LogRange } from '../../domain/storing/port.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { epochSeconds, secondMs } from '../../domain/system/time.ts';
import { batchGet, type Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import { insertItems } from '../aws/insert-items.ts';
import { queryRange } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';

const queriesAtOnce = 16;
const outcomes = { inserted: 'appended', exists: 'taken', undecided: 'undecided' } as const;

export class DynamoClaimLogs implements ClaimLogs {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async read(ranges: readonly LogRange[], consistent = true): Promise<Link[][]> {
    const links = new Map<LogName, Link[]>(ranges.map(({ log }) => [log, []]));
    await mapBounded(runsOf(ranges), queriesAtOnce, async ({ pk, first, last }) => {
      for (const item of await queryRange(this.#table, { pk, first, last }, consistent)) {
        const link = fromLinkItem(item);
        links.get(link.log)?.push(link);
      }
    });
    return ranges.map(({ log }) => links.get(log) ?? []);
  }

  async readNext(ranges: readonly LogRange[]): Promise<(Link | undefined)[]> {
    const keys = ranges.map(({ log, after }) => linkKey(log, after + 1));
    const links = (await batchGet(this.#table, keys)).map(fromLinkItem);
    const byLog = new Map(links.map((link) => [link.log, link]));
    return ranges.map(({ log }) => byLog.get(log));
  }

  async append(links: readonly Link[]) {
    const results = await insertItems(this.#table, links, toLinkItem);
    return results.map((result) => outcomes[result]);
  }

  async prolong(
    { log, position, expiresAtMs: from }: Pick<Link, 'log' | 'position' | 'expiresAtMs'>,
    expiresAtMs: number,
  ): Promise<boolean> {
    return this.#update({
      Key: linkKey(log, position),
      UpdateExpression: 'SET #ttl = :ttl',
      ConditionExpression: '#ttl = :from',
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: { ':ttl': epochSeconds(expiresAtMs), ':from': epochSeconds(from) },
    });
  }

  async replace({ log, position, data, expiresAtMs }: Link, from: Uint8Array): Promise<boolean> {
    return this.#update({
      Key: linkKey(log, position),
      UpdateExpression: 'SET #ttl = :ttl, d = :data',
      ConditionExpression: 'd = :from',
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: { ':ttl': epochSeconds(expiresAtMs), ':data': data, ':from': from },
    });
  }

  /** False if its condition does not hold. */
  async #update(how: Omit<UpdateCommandInput, 'TableName'>): Promise<boolean> {
    const update = new UpdateCommand({ TableName: this.#table.name, ...how });
    try {
      await callTable(`UpdateItem on ${this.#table.name}`, () => this.#table.client.send(update));
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  }
}

/** One query reads a range and those of the windows after it that are to be read from their beginning. */
function runsOf(ranges: readonly LogRange[]) {
  const sorted = ranges
    .map(({ log, after }) => ({ ...claimLogOfName(log), after }))
    .toSorted((one, other) => (one.pk === other.pk ? one.window - other.window : one.pk < other.pk ? -1 : 1));
  const runs: { readonly pk: string; readonly first: string; window: number; last: string }[] = [];
  for (const { pk, window, after } of sorted) {
    const run = runs.at(-1);
    if (run?.pk === pk && run.window + 1 === window && after < 0) {
      run.window = window;
      run.last = lastLinkSortKey(window);
    } else runs.push({ pk, first: linkSortKey(window, after + 1), window, last: lastLinkSortKey(window) });
  }
  return runs;
}

function linkKey(log: LogName, position: number) {
  const { pk, window } = claimLogOfName(log);
  return { pk, sk: linkSortKey(window, position) };
}

export const toLinkItem = ({ log, position, data, expiresAtMs }: Link): Item => ({
  ...linkKey(log, position),
  d: data,
  ttl: epochSeconds(expiresAtMs),
});

export function fromLinkItem(item: Item): Link {
  const { window, position } = linkOfSortKey(String(item.sk));
  return {
    log: claimLogName(String(item.pk), window),
    position,
    data: item.d as Uint8Array,
    expiresAtMs: Number(item.ttl) * secondMs,
  };
}
