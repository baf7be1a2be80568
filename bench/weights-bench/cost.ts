// What the batches of a kind weigh, and how many write units they take: the consume function against a real engine.

import { seededRandom } from '@weir/twin/faults';
import { validateBatch } from '../../domain/event/batch.ts';
import { weightOf } from '../../domain/limits/batch-weight.ts';
import { makeSeed, seedRandomBytes } from '../../domain/record/batch-id.ts';
import { currentPageLayout } from '../../domain/record/envelope.ts';
import { hourMs, minuteMs } from '../../domain/system/time.ts';
import { sealBatch } from '../../lambdas/ingest/seal.ts';
import { TestClock } from '../../test/support/clock.ts';
import { noPause } from '../../test/support/tables.ts';
import {
  invocationOf,
  platformKey,
  receivedWithinMs,
  type SealedRecord,
  tenant,
} from '../consume-bench/load.ts';
import { weir } from '../consume-bench/weir.ts';
import { createWriteRules } from '../consume-bench/write-rules.ts';
import { clientAt, startMeteredTables } from '../support/metered-tables.ts';
import { batchesOf, type Kind } from './kinds.ts';

const firstReceivedAtMs = Date.parse('2026-11-21T10:02:00.000Z');
const recordsEach = 5;
/** The hour of the load is over by then, and its last receipts are old. */
const hourAndMoreMs = hourMs + 10 * minuteMs;

/** Of a batch. */
export type Cost = { readonly weight: number; readonly writeUnits: number };

export async function costOfKind(kind: Kind, batches: number): Promise<Cost> {
  const { records, weight } = recordsOf(kind, batches);
  const rules = createWriteRules(weir.tables);
  const { url, end } = await startMeteredTables(weir.tables, [rules.step]);
  const client = clientAt(url);
  try {
    const clock = new TestClock();
    const table = (name: string) => ({ client, name, pause: noPause });
    const { consume, finish = async () => {} } = weir.build(table, clock);
    for (const lane of Object.values(Object.groupBy(records, ({ partitionKey }) => partitionKey))) {
      for (let at = 0; lane && at < lane.length; at += recordsEach) {
        const { event, nowMs } = invocationOf(lane.slice(at, at + recordsEach));
        clock.nowMs = nowMs;
        await consume(event);
      }
    }
    clock.nowMs = firstReceivedAtMs + hourAndMoreMs;
    await finish();
    const units = [...rules.unitsByTable().values()].reduce((sum, some) => sum + some, 0);
    return { weight: weight / batches, writeUnits: units / batches };
  } finally {
    client.destroy();
    await end();
  }
}

function recordsOf(kind: Kind, batches: number) {
  const random = seededRandom(20);
  const batchAt = batchesOf(kind);
  const records: SealedRecord[] = [];
  let weight = 0;
  for (let index = 0; index < batches; index += 1) {
    const receivedAtMs = firstReceivedAtMs + Math.floor((index * receivedWithinMs) / batches);
    const batch = validateBatch(batchAt(receivedAtMs), { account: tenant.account, receivedAtMs });
    const bytes = Uint8Array.from({ length: seedRandomBytes }, () => Math.floor(random() * 256));
    const sealed = sealBatch(batch, {
      tenant,
      seed: makeSeed(receivedAtMs, bytes),
      settings: {
        ...{ stream: 'standard', slots: [0], retentionDays: 30 },
        ...{ layout: currentPageLayout, keyNumber: 1, strict: false },
      },
      platformKey,
      region: 'us-east-1',
      requestId: '6d2f9e5c-11a1-4b6e-9d0f-3b8f6c1d2e4a',
    });
    records.push(...sealed.records.map((record) => ({ ...record, receivedAtMs })));
    weight += weightOf({ tenant, receivedAtMs, events: batch.accepted, records: sealed.records });
  }
  return { records, weight };
}
