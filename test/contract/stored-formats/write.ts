// Writes the fixture of stored formats: `node test/contract/stored-formats/write.ts && npm run format`. What an
// earlier release wrote stays as it is: it is read for ever.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { payloadPrefix } from '../../../domain/keys.ts';
import { dayMs, hourMs, minuteMs } from '../../../domain/system/time.ts';
import { startTables } from '../../support/tables.ts';
import { Account, firstMs } from './account.ts';

const tables = await startTables();
const account = new Account(tables);
const at = (ms: number) => new Date(ms).toISOString();

const own = [
  {
    event_id: 'own-1',
    type: 'order.placed',
    service: 'shop',
    user_id: 'ada',
    value: 19.99,
    timestamp: at(firstMs),
  },
  {
    event_id: 'own-2',
    type: 'page.viewed',
    service: 'web',
    user_id: 'grace',
    timestamp: at(firstMs - hourMs),
  },
];
const ofTimeAndBatch = [
  { event_id: '019aa0d1-6c80-7c1d-9b3e-5a7f00c4d21e', type: 'page.viewed', timestamp: at(firstMs) },
  { event_id: 'bPK8wz1x_0-JqYt4mVn2Aw~17', type: 'page.viewed', timestamp: at(firstMs - hourMs) },
];
const unnamed = [
  {
    type: 'login',
    user_id: '0197e5a2-6f0b-7c1d-9b3e-5a7f00c4d21e',
    timestamp: at(firstMs),
    metadata: { ok: true },
  },
  { type: 'login', user_id: 'ada', timestamp: at(firstMs - 30 * hourMs) },
];
const mixed = await account.accept([...own, ...ofTimeAndBatch, ...unnamed]);
await account.consume(mixed.records);
const [first, second] = own as [object, object];
const repeated = await account.accept([
  first,
  { ...second, type: 'changed' },
  { ...second, event_id: 'own-3' },
]);
await account.consume(repeated.records);
account.clock.nowMs = firstMs + 2 * hourMs;
await account.foldAll();
const later = await account.accept([
  { event_id: 'own-4', type: 'order.placed', value: -1, timestamp: at(firstMs + hourMs) },
]);
await account.consume(later.records);
account.clock.nowMs = firstMs + 4 * hourMs;
await account.foldAll();

account.clock.nowMs = firstMs + 2 * dayMs;
await account.summary('7d');
const tail = await account.accept([
  { type: 'page.viewed', user_id: 'linus', timestamp: at(account.clock.nowMs) },
]);
await account.consume(tail.records);
const parked = await account.accept([
  { event_id: 'own-5', type: 'page.viewed', timestamp: at(account.clock.nowMs) },
]);
for (const record of parked.records) await account.deadLetter(record);
account.clock.nowMs += minuteMs;

const objects: Record<string, string> = {};
for await (const { name } of account.failedRecords.list(payloadPrefix))
  objects[name] = Buffer.from((await account.failedRecords.get(name)) ?? []).toString('base64');
const batches = [mixed, repeated, later, tail, parked].map(({ batchId }) => batchId);
const ids = [...mixed.assigned, ...tail.assigned].map(({ event_id }) => event_id);
const fixture = {
  nowMs: account.clock.nowMs,
  sent: [...own, ...ofTimeAndBatch, ...unnamed.map((event, index) => ({ ...event, event_id: ids[index] }))],
  answers: {
    day: await account.summary('24h'),
    week: await account.summary('7d'),
    quarantine: await account.quarantine(),
    receipts: Object.fromEntries(
      await Promise.all(batches.map(async (batchId) => [batchId, await account.receipt(batchId)])),
    ),
  },
  objects,
  tables: await account.dump(),
};
writeFileSync(
  join(import.meta.dirname, '..', '..', 'fixtures', 'stored-v1.json'),
  `${JSON.stringify(fixture, undefined, 1)}\n`,
);
await tables.end();
