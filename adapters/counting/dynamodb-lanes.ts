// Receipts, runs and documents of lanes in DynamoDB. A partition holds the receipts and runs of a lane, and another one its
// documents, both in the table of aggregates. Only direct counting and closed days need a transaction.

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type {
  CountedRecords,
  DocumentPage,
  Lanes,
  PutResult,
  TailPage,
  TailRange,
} from '../../domain/counting/port.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import type { ExpiringRun, Run, RunList } from '../../domain/counting/runs.ts';
import {
  type DayMark,
  type DocumentKey,
  documentSort,
  type VersionedDocument,
} from '../../domain/documents/documents.ts';
import {
  countKey,
  hourOfDocumentSortKey,
  type Lane,
  laneKey,
  type Position,
  positionOfSortKey,
  positionSortKey,
  runSortKey,
} from '../../domain/keys.ts';
import type { RecordPlace } from '../../domain/record/record-id.ts';
import { epochSeconds, hourMs } from '../../domain/system/time.ts';
import { batchGet, type Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import { insertItems } from '../aws/insert-items.ts';
import { type QueryHow, type QueryPage, queryPage } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';
import { transact } from '../aws/transact.ts';
import { documentItemKey, fromDocumentItem, toDocumentItem } from '../documents/dynamodb-document-items.ts';
import { type Condition, documentAction, isAbsent, isAsRead, markAction } from './dynamodb-lane-actions.ts';
import {
  fromListItem,
  fromReceiptItem,
  fromRunItem,
  listItemKey,
  runItemKey,
  toListItem,
  toReceiptItem,
  toRunItem,
} from './dynamodb-lane-items.ts';
import { readCounted, readReceipts } from './dynamodb-receipts.ts';

const maxTries = 6;
/** Sorts after every position. */
const pastAll: Position = '~';

type Update = Omit<ConstructorParameters<typeof UpdateCommand>[0], 'TableName' | 'Key'>;
const putResults = { inserted: 'put', exists: 'exists', undecided: 'undecided' } as const;

/** All of lanes but direct counting, which writes to the ledger too: see dynamodb-counting-lanes.ts. */
export class DynamoLanes implements Omit<Lanes, 'commit'> {
  readonly #table: Table;

  constructor(aggregates: Table) {
    this.#table = aggregates;
  }

  async putReceipts(receipts: readonly Receipt[]): Promise<PutResult[]> {
    const results = new Map<Receipt, PutResult>();
    let open = receipts;
    for (let attempt = 0; open.length > 0 && attempt < maxTries; attempt += 1) {
      if (attempt > 0) await this.#table.pause(attempt - 1);
      const inserted = await insertItems(this.#table, open, toReceiptItem);
      open.forEach((receipt, index) => {
        results.set(receipt, putResults[inserted[index] ?? 'undecided']);
      });
      open = open.filter((receipt) => results.get(receipt) === 'undecided');
    }
    return receipts.map((receipt) => results.get(receipt) ?? 'undecided');
  }

  receipts(places: readonly RecordPlace[]): Promise<Receipt[]> {
    return readReceipts(this.#table, places);
  }

  counted(places: readonly RecordPlace[]): Promise<CountedRecords> {
    return readCounted(this.#table, places);
  }

  async tail(lane: Lane, { after, to = pastAll, limit }: TailRange): Promise<TailPage> {
    const first = positionSortKey(after);
    // One more: the range begins with the receipt at `after`.
    const { items, lastKey } = await this.#query(countKey(lane), first, positionSortKey(to), {
      ConsistentRead: true,
      ...(limit !== undefined && { Limit: limit + 1 }),
    });
    const receipts = items.filter(({ sk }) => sk !== first).map((item) => fromReceiptItem(lane, item));
    return { receipts, ...(lastKey && { next: positionOfSortKey(String(lastKey.sk)) }) };
  }

  async newest(lane: Lane): Promise<Receipt | undefined> {
    const { items } = await this.#query(countKey(lane), positionSortKey(''), positionSortKey(pastAll), {
      ScanIndexForward: false,
      Limit: 1,
    });
    const [item] = items;
    return item && fromReceiptItem(lane, item);
  }

  async lastRun(lane: Lane, before: Position = pastAll): Promise<Run | undefined> {
    // Two, because one may start exactly there.
    const runs = await this.#latestRuns(lane, before, { ConsistentRead: true, Limit: 2 });
    return runs.find(({ start }) => start < before);
  }

  /** The last run may not be folded yet. The one before it is. */
  async lastFoldedRun(lane: Lane): Promise<Run | undefined> {
    const runs = await this.#latestRuns(lane, pastAll, { Limit: 2 });
    return runs.find(({ state }) => state === 'folded');
  }

  async #latestRuns(lane: Lane, to: Position, how: QueryHow): Promise<Run[]> {
    const { items } = await this.#query(countKey(lane), runSortKey(''), runSortKey(to), {
      ...how,
      ScanIndexForward: false,
    });
    return items.map((item) => fromRunItem(lane, item));
  }

  #query(pk: string, first: string, last: string, how: QueryHow): Promise<QueryPage> {
    return queryPage(this.#table, { pk, first, last }, how);
  }

  announce(run: Run): Promise<boolean> {
    return this.#put(toRunItem(run), isAbsent);
  }

  async listOf(run: Run): Promise<RunList | undefined> {
    const { Item } = await callTable(`GetItem on ${this.#table.name}`, () =>
      this.#table.client.send(
        new GetCommand({ TableName: this.#table.name, Key: listItemKey(run), ConsistentRead: true }),
      ),
    );
    return Item && fromListItem(Item);
  }

  async seal(run: Run, list: RunList): Promise<void> {
    await this.#put(toListItem(run, list), isAbsent);
  }

  async noteFailure({ lane, start }: Run, nowMs: number): Promise<number> {
    const item = await this.#updateRun(lane, start, {
      UpdateExpression: 'SET failing = if_not_exists(failing, :now)',
      ExpressionAttributeValues: { ':now': nowMs },
    });
    return Number(item?.failing ?? nowMs);
  }

  async leaveOut(run: Run, positions: readonly Position[]): Promise<readonly Position[]> {
    const { lane, start } = run;
    const item = await this.#updateRun(lane, start, {
      UpdateExpression: 'ADD leftOut :positions',
      ExpressionAttributeValues: { ':positions': new Set(positions) },
    });
    return item ? fromRunItem(lane, item).leftOut : [];
  }

  async markFolded({ lane, start }: Run, expiresAtMs: number): Promise<void> {
    await this.#updateRun(lane, start, {
      UpdateExpression: 'SET #state = :folded, expires = :expires',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':folded': 'folded', ':expires': expiresAtMs },
    });
  }

  async expire(lane: Lane, { start, expiresAtMs }: ExpiringRun): Promise<void> {
    await this.#updateRun(lane, start, {
      UpdateExpression: 'SET #ttl = :ttl',
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: { ':ttl': epochSeconds(expiresAtMs) },
    });
  }

  /** The run as it is then. Undefined if it has expired: an update must not make it again. */
  async #updateRun(lane: Lane, start: Position, update: Update): Promise<Item | undefined> {
    try {
      const { Attributes } = await callTable(`UpdateItem on ${this.#table.name}`, () =>
        this.#table.client.send(
          new UpdateCommand({
            ...update,
            TableName: this.#table.name,
            Key: runItemKey(lane, start),
            ConditionExpression: 'attribute_exists(pk)',
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      return Attributes;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  async documents(keys: readonly DocumentKey[]): Promise<VersionedDocument[]> {
    const byName = new Map(keys.map((key) => [nameOf(documentItemKey(key)), key]));
    const items = await batchGet(this.#table, keys.map(documentItemKey));
    return items.flatMap((item) => {
      const key = byName.get(nameOf(item));
      return key ? [fromDocumentItem(key, item)] : [];
    });
  }

  async documentsBetween(
    lane: Lane,
    kind: DocumentKey['kind'],
    fromMs: number,
    toMs: number,
  ): Promise<DocumentPage> {
    const sortKey = (hour: number) => documentSort({ lane, kind, hourMs: hour });
    const hourOf = ({ sk }: Item) => hourOfDocumentSortKey(String(sk));
    const { items, lastKey } = await this.#query(laneKey(lane), sortKey(fromMs), sortKey(toMs - hourMs), {
      ConsistentRead: true,
    });
    return {
      documents: items.map((item) => fromDocumentItem({ lane, kind, hourMs: hourOf(item) }, item)),
      ...(lastKey && hourOf(lastKey) + hourMs < toMs && { nextMs: hourOf(lastKey) + hourMs }),
    };
  }

  async putDocument(document: VersionedDocument, mark?: DayMark): Promise<boolean> {
    if (!mark) return this.#put(toDocumentItem(document), isAsRead(document));
    const { name } = this.#table;
    const actions = [documentAction(name, document), markAction(name, mark)];
    return (
      (await transact(this.#table, actions, 'The transaction of a document and its mark')).outcome === 'done'
    );
  }

  /** False if the condition fails. */
  async #put(item: Item, condition: Condition): Promise<boolean> {
    try {
      await callTable(`PutItem on ${this.#table.name}`, () =>
        this.#table.client.send(new PutCommand({ TableName: this.#table.name, Item: item, ...condition })),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

const nameOf = ({ pk, sk }: Item): string => `${pk} ${sk}`;
