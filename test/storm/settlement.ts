// Waits, in moved time, until every record on the stream is counted or set aside; and tells which are not.

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

/** Of a machine that has more to do: nothing here waits for so long. */
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
    const [bucket] = twin.system.resources('AWS::S3::Bucket');
    this.#bucket = new S3FailedRecords({ bucket: bucket?.name ?? '', timeouts: workTimeouts, connection });
  }

  /** Of what the log holds, the names of those that are not; of one batch where it is named. */
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

  /** No request may be in flight: windows and pauses are waited out by moving the clock. */
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
