// Waits, by moving the clock, until every record on the stream is counted or quarantined, and lists those that are not.

import { batchGet } from '../../adapters/aws/batch-get.ts';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import type { Table } from '../../adapters/aws/table.ts';
import { receiptItemKey } from '../../adapters/counting/dynamodb-lane-items.ts';
import { S3FailedRecords } from '../../adapters/quarantine/s3-failed-records.ts';
import { workPause } from '../../adapters/system/clock-and-random.ts';
import { countedRejectionsKey, onlySortKey, unreadableName, unreadablePrefix } from '../../domain/keys.ts';
import { placeOfRecord, recordIdOf, recordNameOf } from '../../domain/record/record-id.ts';
import { secondMs } from '../../domain/system/time.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { eventually } from '../support/eventually.ts';
import type { LedgerOfTruth } from './ledger-of-truth.ts';
import type { StreamLog } from './stream-log.ts';
import { operatorConnection, tableNameOf } from './tables.ts';

/** A deadline for a loaded machine. */
export const patienceMs = 240_000;

export class Settlement {
  readonly #twin: RunningWeir;
  readonly #books: LedgerOfTruth;
  readonly #log: StreamLog;
  readonly #client: ReturnType<typeof createDocumentClient>;
  readonly #table: Table;
  readonly #bucket: S3FailedRecords;
  readonly #settled = new Set<string>();

  constructor(twin: RunningWeir, books: LedgerOfTruth, log: StreamLog) {
    const connection = operatorConnection(twin);
    this.#twin = twin;
    this.#books = books;
    this.#log = log;
    this.#client = createDocumentClient(workTimeouts, connection);
    this.#table = { client: this.#client, name: tableNameOf(twin, 'Aggregates'), pause: workPause };
    const [bucket] = twin.template.resources('AWS::S3::Bucket');
    this.#bucket = new S3FailedRecords({ bucket: bucket?.name ?? '', timeouts: workTimeouts, connection });
  }

  /** The names of the records that are neither counted nor quarantined, of all batches or of one. */
  async open(batchId?: string): Promise<readonly string[]> {
    const asked = this.#log.records
      .map(({ header }) => header)
      .filter((header) => batchId === undefined || header.batchId === batchId)
      .filter((header) => !this.#settled.has(recordNameOf(header)));
    const keys = asked.map((header) => receiptItemKey(placeOfRecord(header)));
    const names = new Map(asked.map((header, index) => [nameOf(keys[index]), recordNameOf(header)]));
    for (const item of await batchGet(this.#table, keys)) this.#settled.add(names.get(nameOf(item)) ?? '');
    const owned = asked.map(recordNameOf).filter((name) => !this.#settled.has(name));
    if (batchId !== undefined) return owned;
    return [...owned, ...(await this.#openOwnerless()), ...(await this.#openRejections())];
  }

  /** Those that are not counted. */
  async #openRejections(): Promise<readonly string[]> {
    const keys = this.#log.rejections
      .map(({ header }) => countedRejectionsKey(header.tenant, recordIdOf(header)))
      .filter((pk) => !this.#settled.has(pk));
    for (const { pk } of await batchGet(
      this.#table,
      keys.map((pk) => ({ pk, sk: onlySortKey })),
    ))
      this.#settled.add(String(pk));
    return keys.filter((pk) => !this.#settled.has(pk));
  }

  async #openOwnerless(): Promise<readonly string[]> {
    const names = this.#books.ownerless.map(unreadableName);
    if (names.every((name) => this.#settled.has(name))) return [];
    for await (const { name } of this.#bucket.list(unreadablePrefix)) this.#settled.add(name);
    return names.filter((name) => !this.#settled.has(name));
  }

  /** Moves the clock past batching windows and pauses, so no request may be in flight. */
  async reached(): Promise<void> {
    await eventually(
      async () => {
        // A consumer at work would only lose time.
        if (this.#busy().length === 0) this.#twin.clock.moveBy(secondMs);
        return this.open();
      },
      ({ length }) => length === 0,
      patienceMs,
    );
    await this.quiet();
  }

  /** Until no function works and no record waits: what is read of the tables then is of one instant. */
  async quiet(): Promise<void> {
    await eventually(
      async () => {
        const { mappings } = await this.#twin.state();
        const shards = Object.values(mappings).flatMap((mapping) => Object.values(mapping.shards));
        const held = shards.reduce((sum, { held_records }) => sum + held_records, 0);
        if (held > 0) this.#twin.clock.moveBy(secondMs);
        return { working: this.#busy(), held };
      },
      ({ working, held }) => working.length === 0 && held === 0,
      patienceMs,
    );
  }

  #busy(): readonly string[] {
    const activity = Object.entries(this.#twin.functions.activity());
    return activity.filter(([, { busy }]) => busy > 0).map(([name]) => name);
  }

  end(): void {
    this.#client.destroy();
  }
}

const nameOf = (item: Readonly<Record<string, unknown>> = {}): string => `${item.pk} ${item.sk}`;
