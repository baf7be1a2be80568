import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoIncidents, DynamoReviewMark } from '../../../adapters/service-levels/dynamodb-incidents.ts';
import { MemoryIncidents, MemoryReviewMark } from '../../../adapters/service-levels/memory-incidents.ts';
import type { Incident } from '../../../domain/service-levels/incidents.ts';
import type { Incidents, ReviewMark } from '../../../domain/service-levels/port.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

const lag: Incident = {
  id: '20261130T230500Z-stream-lag',
  alarm: 'stream-lag',
  severity: 'page',
  fromMs: Date.UTC(2026, 10, 30, 23, 5),
  notes: [],
};
const note = { atMs: lag.fromMs + 1, by: 'ada', from: 'host', text: 'A shard was hot.' };

describe.each<[string, () => { incidents: Incidents; mark: ReviewMark }]>([
  ['memory', () => ({ incidents: new MemoryIncidents(), mark: new MemoryReviewMark() })],
  [
    'DynamoDB',
    () => ({
      incidents: new DynamoIncidents(tables.table('ledger')),
      mark: new DynamoReviewMark(tables.table('ledger')),
    }),
  ],
])('incidents in %s', (_, create) => {
  it('are found by id, and by a time in which they were open; the mark of reviews is none', async () => {
    const { incidents, mark } = create();
    expect(await mark.find()).toBeUndefined();
    await mark.keep(5);
    expect(await mark.find()).toBe(5);
    expect(await incidents.find(lag.id)).toBeUndefined();

    await incidents.keep(lag);
    const now = lag.fromMs + 1000;
    expect(await incidents.list({ fromMs: now, toMs: now + 1 })).toEqual([lag]);
    await incidents.addNote(lag.id, note);
    // Of review, which does not know the note.
    await incidents.keep({ ...lag, toMs: now });

    expect(await incidents.find(lag.id)).toEqual({ ...lag, toMs: now, notes: [note] });
    expect(await incidents.list({ fromMs: now, toMs: now + 1 })).toEqual([]);
    expect(await incidents.list({ fromMs: 0, toMs: now })).toHaveLength(1);
  });

  it('are made by review alone: a note makes none', async () => {
    const { incidents } = create();

    await expect(incidents.addNote('20261130T000000Z-other', note)).rejects.toThrow();
    expect(await incidents.find('20261130T000000Z-other')).toBeUndefined();
  });
});
