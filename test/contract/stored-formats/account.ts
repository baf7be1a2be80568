// One account on real tables: what the fixture of stored formats is written with, and read with.

import { randomBytes } from 'node:crypto';
import { callEngine } from '@weir/twin/parts';
import { DynamoCountingLanes } from '../../../adapters/counting/dynamodb-counting-lanes.ts';
import { DynamoDays } from '../../../adapters/documents/dynamodb-days.ts';
import { MemoryUse } from '../../../adapters/limits/memory-use.ts';
import { DynamoQuarantine } from '../../../adapters/quarantine/dynamodb-quarantine.ts';
import { MemoryFailedRecords } from '../../../adapters/quarantine/memory-failed-records.ts';
import { DynamoRejections } from '../../../adapters/rejections/dynamodb-rejections.ts';
import { DynamoAccountLevels } from '../../../adapters/service-levels/dynamodb-account-levels.ts';
import { DynamoCurrentPlatformKey } from '../../../adapters/signing/dynamodb-current-platform-key.ts';
import { createIdentities } from '../../../adapters/storing/dynamodb-divided-identities.ts';
import { DynamoPages } from '../../../adapters/storing/dynamodb-pages.ts';
import { validateBatch } from '../../../domain/event/batch.ts';
import { lambdaPrefix, lanesOf, type Tenant } from '../../../domain/keys.ts';
import { Leases } from '../../../domain/limits/leases.ts';
import { makeSeed, receivedAtOf } from '../../../domain/record/batch-id.ts';
import { currentPageLayout } from '../../../domain/record/envelope.ts';
import type { OutgoingRecord } from '../../../domain/record/port.ts';
import { dayMs } from '../../../domain/system/time.ts';
import { createConsume } from '../../../lambdas/consume/consume.ts';
import { RefusedLanes } from '../../../lambdas/consume/refused-lanes.ts';
import { foldRun } from '../../../lambdas/counting/fold-run.ts';
import { Tallies } from '../../../lambdas/counting/tallies.ts';
import { toContext } from '../../../lambdas/edge/caller.ts';
import type { HttpRequest } from '../../../lambdas/edge/http.ts';
import { sealBatch } from '../../../lambdas/ingest/seal.ts';
import { createRead } from '../../../lambdas/read/read.ts';
import { summaryLimits } from '../../../lambdas/read/read-window.ts';
import { createSettle } from '../../../lambdas/settle/settle.ts';
import { seededRandom, TestClock } from '../../support/clock.ts';
import { noneDeleted } from '../../support/deleted-accounts.ts';
import { kinesisEvent } from '../../support/kinesis.ts';
import { silentLogger } from '../../support/meter.ts';
import { callerLimits } from '../../support/requests.ts';
import { type TestTables, tableNames } from '../../support/tables.ts';

export const tenant: Tenant = { account: 'acme', environment: 'production', generation: 3 };
export const firstMs = Date.parse('2026-11-20T10:00:00.000Z');

/** A table's items, as the service writes them in JSON. */
export type Dump = Readonly<Record<string, readonly unknown[]>>;

export class Account {
  readonly clock = new TestClock(firstMs);
  readonly failedRecords = new MemoryFailedRecords();
  readonly tables: TestTables;
  readonly #endpoint: string;

  constructor(tables: TestTables) {
    this.tables = tables;
    this.#endpoint = tables.endpoint;
  }

  get #deps() {
    const { clock, failedRecords, tables } = this;
    const ledger = tables.table('ledger');
    const limits = { receipts: 2, deltaBytes: 1_000_000 };
    return {
      clock,
      failedRecords,
      identities: createIdentities({
        identities: tables.table('identities'),
        claimLogs: tables.table('claimLogs'),
        clock,
      }),
      pages: new DynamoPages(tables.table('pages')),
      lanes: new DynamoCountingLanes({ aggregates: tables.table('aggregates'), ledger }),
      days: new DynamoDays(tables.table('aggregates')),
      rejections: new DynamoRejections(tables.table('aggregates')),
      levels: new DynamoAccountLevels(tables.table('aggregates')),
      quarantine: new DynamoQuarantine(ledger),
      platformKeys: new DynamoCurrentPlatformKey({ table: ledger, clock, random: seededRandom(5) }),
      limits,
      tallies: new Tallies(limits),
      refusedLanes: new RefusedLanes(),
      publishLag: async () => {},
      generations: noneDeleted,
      random: seededRandom(),
      spans: { end: () => {} },
      pauses: { unavailable: async () => {}, contested: async () => {} },
      meter: { count: () => {}, milliseconds: () => {}, tier: () => {}, publish: () => {} },
      logger: silentLogger,
    };
  }

  /** As ingest accepts it. */
  async accept(sent: readonly object[], slots: readonly number[] = [0, 1]) {
    const seed = makeSeed(this.clock.nowMs, randomBytes(9));
    const receivedAtMs = receivedAtOf(seed);
    const sealed = sealBatch(validateBatch(sent, { account: tenant.account, receivedAtMs }), {
      tenant,
      seed,
      settings: {
        ...{ stream: 'standard', slots, retentionDays: 30 },
        ...{ layout: currentPageLayout, keyNumber: 1, strict: false },
      },
      platformKey: await this.#deps.platformKeys.current(),
      region: 'eu-central-1',
      requestId: 'request-1',
    });
    this.clock.nowMs += 1000;
    return sealed;
  }

  async consume(records: readonly OutgoingRecord[]): Promise<void> {
    const { batchItemFailures } = await createConsume(this.#deps)(kinesisEvent(records), () => 900_000);
    if (batchItemFailures.length > 0) throw new Error('The consumer did not finish all records.');
  }

  async foldAll(): Promise<void> {
    for (const lane of lanesOf(tenant, 2)) while ((await foldRun(this.#deps, lane)) !== 'not due');
  }

  settle(task: unknown) {
    return createSettle(this.#deps)(task, () => 300_000);
  }

  async get(resource: string, more: Partial<HttpRequest> = {}): Promise<Record<string, unknown>> {
    const caller = toContext({
      tenant,
      keyId: 'key',
      scopes: ['read'],
      tier: 'standard',
      stream: 'standard',
      slots: [0, 1],
      mostSlots: 2,
      retentionDays: 30,
      ...callerLimits,
    });
    const request = {
      resource,
      headers: {},
      requestContext: { authorizer: caller, requestId: 'r' },
      ...more,
    };
    const { body } = await createRead({ ...this.#deps, ...unlimitedReads(this.clock), summaryLimits })(
      request as unknown as HttpRequest,
    );
    return JSON.parse(body ?? '') as Record<string, unknown>;
  }

  summary = (window: string) =>
    this.get('/v1/accounts/{account_id}/summary', { multiValueQueryStringParameters: { window: [window] } });
  receipt = (batch_id: string) => this.get('/v1/batches/{batch_id}', { pathParameters: { batch_id } });

  jobs = () => Array.fromAsync(this.#deps.quarantine.jobs(this.clock.nowMs + 2 * dayMs));

  quarantine = () => this.get('/v1/quarantine');

  /** The record leaves the stream as a dead letter. */
  async deadLetter({ partitionKey, data }: OutgoingRecord): Promise<void> {
    const key = `${lambdaPrefix}object`;
    const kinesis = { sequenceNumber: '1', partitionKey, data: Buffer.from(data).toString('base64') };
    const payload = JSON.stringify({ Records: [{ kinesis }] });
    const letter = JSON.stringify({ responseContext: { functionError: null }, payload });
    await this.failedRecords.put(key, Buffer.from(letter));
    await this.settle({ source: 'aws.s3', 'detail-type': 'Object Created', detail: { object: { key } } });
  }

  async dump(): Promise<Dump> {
    const dump: Record<string, readonly unknown[]> = {};
    for (const TableName of Object.values(tableNames)) {
      const { Items } = await callEngine<{ Items: readonly unknown[] }>(this.#endpoint, 'dynamodb', 'Scan', {
        TableName,
      });
      dump[TableName] = Items;
    }
    return dump;
  }

  async load(dump: Dump): Promise<void> {
    for (const [TableName, items] of Object.entries(dump))
      for (const Item of items) await callEngine(this.#endpoint, 'dynamodb', 'PutItem', { TableName, Item });
  }
}

/** The items of limits are kept by other adapters, and the formats of what is stored are no matter of theirs. */
function unlimitedReads(clock: TestClock) {
  const use = new MemoryUse();
  return {
    readOpenApi: async () => '{}',
    eventUse: use,
    summaryReadUse: use,
    summaryLeases: new Leases(use, clock),
    stageQuotaMode: 'observe' as const,
  };
}
