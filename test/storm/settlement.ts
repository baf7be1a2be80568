// Waits, by moving the clock, until every record on the stream is counted or quarantined, and lists those that are not.

import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { S3FailedRecords } from '../../adapters/quarantine/s3-failed-records.ts';
import { DynamoCounts } from '../../adapters/storing/dynamodb-counts.ts';
import { workPause } from '../../adapters/system/clock-and-random.ts';
import { unreadableName, unreadablePrefix } from '../../domain/keys.ts';
import { recordIdOf, recordName, recordNameOf } from '../../domain/record/record-id.ts';
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
  readonly #counts: DynamoCounts;
  readonly #bucket: S3FailedRecords;
  readonly #settled = new Set<string>();

  constructor(twin: RunningWeir, books: LedgerOfTruth, log: StreamLog) {
    const connection = operatorConnection(twin);
    this.#twin = twin;
    this.#books = books;
    this.#log = log;
    this.#client = createDocumentClient(workTimeouts, connection);
    const table = (name: string) => ({
      client: this.#client,
      name: tableNameOf(twin, name),
      pause: workPause,
    });
    this.#counts = new DynamoCounts({ aggregates: table('Aggregates'), ledger: table('Ledger') });
    const [bucket] = twin.template.resources('AWS::S3::Bucket');
    this.#bucket = new S3FailedRecords({ bucket: bucket?.name ?? '', timeouts: workTimeouts, connection });
  }

  /** The names of the records that are neither counted nor quarantined, of all batches or of one. */
  async open(batchId?: string): Promise<readonly string[]> {
    const asked = this.#log.records
      .map(({ header }) => header)
      .filter((header) => batchId === undefined || header.batchId === batchId)
      .filter((header) => !this.#settled.has(recordNameOf(header)));
    const receipts = await this.#counts.receipts(
      asked.map((header) => ({ tenant: header.tenant, record: recordIdOf(header) })),
    );
    for (const { tenant, record } of receipts) this.#settled.add(recordName(tenant, record));
    const owned = asked.map(recordNameOf).filter((name) => !this.#settled.has(name));
    return batchId === undefined ? [...owned, ...(await this.#openOwnerless())] : owned;
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
        this.#twin.clock.moveBy(secondMs);
        return this.open();
      },
      ({ length }) => length === 0,
      patienceMs,
    );
  }

  end(): void {
    this.#client.destroy();
  }
}
