// Tables behind a proxy that counts calls and adds 6 ms to each, and a consumer that fills them without the delay.

import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoLanes } from '../../adapters/counting/dynamodb-lanes.ts';
import { DynamoDays } from '../../adapters/documents/dynamodb-days.ts';
import { DynamoUse } from '../../adapters/limits/dynamodb-use.ts';
import { createIdentities } from '../../adapters/storing/dynamodb-divided-identities.ts';
import { DynamoPages } from '../../adapters/storing/dynamodb-pages.ts';
import { deltasOf } from '../../domain/documents/delta.ts';
import { eventUseKey } from '../../domain/keys.ts';
import { decodeEnvelope } from '../../domain/record/envelope.ts';
import { recordIdOf } from '../../domain/record/record-id.ts';
import { pagePartition, planPages } from '../../domain/storing/pages.ts';
import { changeOf, eventsExpireAtMs } from '../../domain/storing/record-outcome.ts';
import { inChunks } from '../../domain/system/bounded.ts';
import type { Caller } from '../../lambdas/edge/caller.ts';
import { TestClock } from '../../test/support/clock.ts';
import { callerLimits } from '../../test/support/requests.ts';
import { noPause } from '../../test/support/tables.ts';
import { invocationOf, platformKey, type SealedRecord, tenant } from '../consume-bench/load.ts';
import { weir } from '../consume-bench/weir.ts';
import { clientAt, startMeteredTables } from '../support/metered-tables.ts';

const callMs = 6;
const recordsTogether = 400;
/** Records of one key that an invocation takes. */
const recordsAtOnce = 40;

export type Spent = { readonly calls: number; readonly units: number; readonly ms: number };

export async function startReadStage() {
  let isSlow = false;
  const stage = await startMeteredTables(weir.tables, [
    async (call, next) => {
      if (isSlow) await sleep(callMs);
      return next(call);
    },
  ]);
  const clients = [clientAt(stage.direct), clientAt(stage.url)] as const;
  const [direct, metered] = clients.map((client) => (name: string) => ({
    client,
    name,
    pause: noPause,
  })) as unknown as [Parameters<typeof weir.build>[0], Parameters<typeof weir.build>[0]];
  const clock = new TestClock();
  const { consume, finish } = weir.build(direct, clock);
  return {
    clock,
    finish: async () => finish?.(),
    async store(records: readonly SealedRecord[]): Promise<void> {
      for (const own of Map.groupBy(records, ({ partitionKey }) => partitionKey).values())
        for (let first = 0; first < own.length; first += recordsAtOnce) {
          const { event, nowMs } = invocationOf(own.slice(first, first + recordsAtOnce));
          clock.nowMs = nowMs;
          await consume(event);
        }
    },
    /** What consume writes of records whose ids were made here, without counting it into documents. */
    async storePages(records: readonly SealedRecord[]): Promise<void> {
      const lanes = new DynamoLanes(direct('aggregates'));
      for (const some of inChunks(records, recordsTogether)) {
        const stored = some.map(({ data }) => pagesAndReceiptOf(data));
        await new DynamoPages(direct('pages')).write(stored.flatMap(({ pages }) => pages));
        await lanes.putReceipts(stored.map(({ receipt }) => receipt));
      }
    },
    deps: {
      pages: new DynamoPages(metered('pages')),
      lanes: new DynamoLanes(metered('aggregates')),
      days: new DynamoDays(metered('aggregates')),
      eventUse: new DynamoUse(metered('ledger'), eventUseKey),
      identities: createIdentities({
        identities: metered('identities'),
        claimLogs: metered('claim-logs'),
        clock,
      }),
      platformKeys: { find: async () => platformKey, newest: async () => platformKey },
      clock,
      logger: console,
    },
    async measure<T>(
      work: () => Promise<T>,
      withDelay = true,
    ): Promise<{ readonly answer: T; readonly spent: Spent }> {
      stage.meter.reset();
      isSlow = withDelay;
      const startMs = performance.now();
      const answer = await work();
      const ms = performance.now() - startMs;
      isSlow = false;
      const counts = Object.values(stage.meter.calls()).flatMap((ofCaller) => Object.values(ofCaller));
      const sum = (of: (count: (typeof counts)[number]) => number) =>
        counts.reduce((total, count) => total + of(count), 0);
      return {
        answer,
        spent: { calls: sum(({ calls }) => calls), units: sum(({ capacityUnits }) => capacityUnits), ms },
      };
    },
    async end(): Promise<void> {
      for (const client of clients) client.destroy();
      await stage.end();
    },
  };
}

function pagesAndReceiptOf(data: Uint8Array) {
  const { header, events, bodyBytes } = decodeEnvelope(data);
  const { tenant: of, slot, layout } = header;
  const source = { tenant: of, slot, layout, record: recordIdOf(header) };
  const pages = planPages(source, events, bodyBytes).map(({ sk, indexes }) => ({
    pk: pagePartition(source),
    sk,
    events: indexes.flatMap((index) => events[index] ?? []),
    receivedAtMs: header.receivedAtMs,
    region: header.region,
    expiresAtMs: eventsExpireAtMs(header),
  }));
  const outcome = { header, stored: events.length, deltas: deltasOf(events), duplicates: 0, conflicts: 0 };
  return { pages, receipt: changeOf({ ...outcome, bytes: data.length }, header.receivedAtMs).to };
}

export type ReadStage = Awaited<ReturnType<typeof startReadStage>>;

export const callerOf = (slots: number): Caller => ({
  ...{ tenant, keyId: 'bench', scopes: ['read'], tier: 'standard', retentionDays: 30, ...callerLimits },
  ...{ stream: 'standard', slots: [0], mostSlots: slots },
});

export const percentile = (of: readonly number[], share: number): number =>
  of.toSorted((one, other) => one - other)[Math.min(of.length - 1, Math.floor(of.length * share))] ?? 0;
