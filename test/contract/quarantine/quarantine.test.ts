import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoCountingLanes } from '../../../adapters/counting/dynamodb-counting-lanes.ts';
import { MemoryLanes } from '../../../adapters/counting/memory-lanes.ts';
import { DynamoQuarantine } from '../../../adapters/quarantine/dynamodb-quarantine.ts';
import type { Lanes } from '../../../domain/counting/port.ts';
import type { Tenant } from '../../../domain/keys.ts';
import type { Quarantine } from '../../../domain/quarantine/port.ts';
import { type Job, newJob, type QuarantineEntry } from '../../../domain/quarantine/quarantine.ts';
import { type RecordId, recordId } from '../../../domain/record/record-id.ts';
import { changeOf, type RecordOutcome } from '../../../domain/storing/record-outcome.ts';
import { fresh, nowMs } from '../../support/events.ts';
import { losingTheFirstAnswer } from '../../support/lost-answers.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

type Ports = { quarantine: Quarantine; lanes: Lanes };
let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

/** Accounts and times of jobs are unique to each test, because suites share the tables. */
let tenant: Tenant = { account: 'acme', environment: 'production', generation: 0 };
let dueMs = 0;
let run = 0;
beforeEach(() => {
  run += 1;
  tenant = { account: `acme-${run}`, environment: 'production', generation: 0 };
  dueMs += 1000;
});

const outcomeOf = (batchId: string, receivedAtMs = nowMs, whose = tenant): RecordOutcome => ({
  header: {
    tenant: whose,
    batchId,
    part: 0,
    parts: 1,
    slot: 3,
    late: true,
    kind: 'events',
    layout: 1,
    events: 5,
    receivedAtMs,
    retentionDays: 30,
    region: 'r',
    requestId: `request-${batchId}`,
  },
  ...fresh([]),
  duplicates: 0,
  conflicts: 0,
  bytes: 100,
  quarantined: { reason: 'failed', cause: 'TypeError' },
});

/** Entries and jobs are written with receipts. */
async function quarantined({ lanes }: Ports, outcome: RecordOutcome, job?: Job): Promise<QuarantineEntry> {
  const change = { ...changeOf(outcome, nowMs + 9), ...(job && { job }) };
  await lanes.commit({ changes: [change], documents: [], marks: [] });
  return change.entry as QuarantineEntry;
}
const jobOf = (batchId: string, dueAtMs: number, kind: Job['kind'] = 'replay'): Job =>
  newJob(
    kind,
    { lane: { tenant, slot: 3, late: true }, record: recordId(batchId, 0), receivedAtMs: nowMs },
    dueAtMs,
  );
const addJob = (ports: Ports, job: Job) =>
  quarantined(ports, outcomeOf(job.record.slice(0, -2), job.receivedAtMs), job);

/** Only the jobs of this test: those of other tests are due too. */
async function jobsOf({ quarantine }: Ports, atMs: number): Promise<Job[]> {
  const due = await Array.fromAsync(quarantine.jobs(atMs));
  return due.filter((job) => job.lane.tenant.account === tenant.account);
}
const listed = async ({ quarantine }: Ports, fromMs = 0, toMs = nowMs + 1): Promise<RecordId[]> =>
  (await Array.fromAsync(quarantine.list(tenant, fromMs, toMs))).map(({ record }) => record);
const find = ({ quarantine }: Ports, { lane, record, receivedAtMs }: QuarantineEntry) =>
  quarantine.find({ lane: { ...lane, tenant }, record, receivedAtMs });

const memory = (): Ports => {
  const lanes = new MemoryLanes();
  return { lanes, quarantine: lanes.quarantine };
};
const dynamo = (): Ports => ({
  lanes: new DynamoCountingLanes({ aggregates: tables.table('aggregates'), ledger: tables.table('ledger') }),
  quarantine: new DynamoQuarantine(tables.table('ledger')),
});

describe.each<[string, () => Ports]>([
  ['memory', memory],
  ['DynamoDB', dynamo],
])('quarantine in %s', (_, create) => {
  describe('the list', () => {
    it('returns an entry as it was written', async () => {
      const ports = create();
      const entry = await quarantined(ports, outcomeOf('a'));

      expect(await Array.fromAsync(ports.quarantine.list(tenant, nowMs, nowMs + 1))).toEqual([entry]);
      expect(await find(ports, entry)).toEqual(entry);
      expect(entry).toMatchObject({
        lane: { tenant, slot: 3, late: true },
        reason: 'failed',
        cause: 'TypeError',
        requestId: 'request-a',
        events: 5,
      });
    });

    it('returns an entry without a cause if it was written without one', async () => {
      const ports = create();
      const entry = await quarantined(ports, { ...outcomeOf('a'), quarantined: { reason: 'crashed' } });

      expect(await find(ports, entry)).toEqual(entry);
      expect(await find(ports, entry)).not.toHaveProperty('cause');
    });

    it('is of records received in [from, to), oldest first', async () => {
      const ports = create();
      for (const [batchId, ago] of Object.entries({ d: 0, b: 2, e: -1, a: 3, c: 1 }))
        await quarantined(ports, outcomeOf(batchId, nowMs - ago));

      expect(await listed(ports, nowMs - 2, nowMs)).toEqual(['b.0', 'c.0']);
      expect(await listed(ports)).toEqual(['a.0', 'b.0', 'c.0', 'd.0']);
    });

    it('is, newest first, of all records', async () => {
      const ports = create();
      for (const [batchId, ago] of Object.entries({ b: 2, a: 3, c: -1 }))
        await quarantined(ports, outcomeOf(batchId, nowMs - ago));
      const newest = await Array.fromAsync(ports.quarantine.newest(tenant));

      expect(newest.map(({ record }) => record)).toEqual(['c.0', 'b.0', 'a.0']);
    });

    it.each([
      ['ends where it begins', nowMs, nowMs],
      ['ends before it begins', nowMs + 1, nowMs - 1],
      ['contains no record', 0, nowMs],
    ])('is empty for a range that %s', async (__, fromMs, toMs) => {
      const ports = create();
      await quarantined(ports, outcomeOf('a'));

      expect(await listed(ports, fromMs, toMs)).toEqual([]);
    });

    it('is separate for each account and environment', async () => {
      const ports = create();
      await quarantined(ports, outcomeOf('a', nowMs, { ...tenant, environment: 'staging' }));
      const other = { ...tenant, account: `${tenant.account}-2` };
      const entry = await quarantined(ports, outcomeOf('b', nowMs, other));

      expect(await listed(ports)).toEqual([]);
      expect(await find(ports, entry)).toBeUndefined();
    });

    it('finds a record only by its time of receipt', async () => {
      const ports = create();
      const entry = await quarantined(ports, outcomeOf('a'));

      expect(await find(ports, { ...entry, receivedAtMs: nowMs + 1 })).toBeUndefined();
    });

    it('returns expired entries, which readers filter out', async () => {
      const ports = create();
      const entry = await quarantined(ports, outcomeOf('a', 1000));

      expect(entry.expiresAtMs).toBeLessThan(Date.now());
      expect(await listed(ports)).toEqual(['a.0']);
    });
  });

  describe('a lease', () => {
    it('has one holder, counts as an attempt, and lasts until its time', async () => {
      const ports = create();
      const entry = await quarantined(ports, outcomeOf('a'));

      expect(await ports.quarantine.lease(entry, nowMs, nowMs + 10)).toBe(true);
      expect(await ports.quarantine.lease(entry, nowMs + 9, nowMs + 30)).toBe(false);
      expect(await find(ports, entry)).toEqual({ ...entry, attempts: 1, leaseUntilMs: nowMs + 10 });
      expect(await ports.quarantine.lease(entry, nowMs + 10, nowMs + 40)).toBe(true);
      expect(await find(ports, entry)).toEqual({ ...entry, attempts: 2, leaseUntilMs: nowMs + 40 });
    });

    it('has one winner when many callers ask at once for the same time', async () => {
      const ports = create();
      const entry = await quarantined(ports, outcomeOf('a'));

      const won = await Promise.all(
        Array.from({ length: 8 }, () => ports.quarantine.lease(entry, nowMs, nowMs + 10)),
      );

      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await find(ports, entry)).toMatchObject({ attempts: 1 });
    });

    it('can be taken again once it is released, and the attempt still counts', async () => {
      const ports = create();
      const entry = await quarantined(ports, outcomeOf('a'));
      await ports.quarantine.lease(entry, nowMs, nowMs + 10);

      await ports.quarantine.release(entry);

      expect(await find(ports, entry)).toEqual({ ...entry, attempts: 1 });
      expect(await ports.quarantine.lease(entry, nowMs, nowMs + 10)).toBe(true);
    });

    it('of a record that left the list is refused, and neither lease nor release creates the entry again', async () => {
      const ports = create();
      const entry = await quarantined(ports, outcomeOf('a'));
      const { quarantined: __, ...stored } = outcomeOf('a');
      const [found] = await ports.lanes.receipts([entry]);
      const change = changeOf({ ...stored, ...(found && { found }) }, nowMs + 20);
      await ports.lanes.commit({ changes: [change], documents: [], marks: [] });

      expect(await ports.quarantine.lease(entry, nowMs, nowMs + 10)).toBe(false);
      await ports.quarantine.release(entry);

      expect(await find(ports, entry)).toBeUndefined();
      expect(await listed(ports)).toEqual([]);
    });
  });

  describe('jobs', () => {
    it('are returned as they were written once they are due, longest due first', async () => {
      const ports = create();
      const [late, early, later] = [dueMs + 2, dueMs + 1, dueMs + 3];
      await addJob(ports, jobOf('late', late));
      await addJob(ports, jobOf('early', early, 'discard'));
      await addJob(ports, jobOf('later', later));

      expect(await jobsOf(ports, dueMs)).toEqual([]);
      expect(await jobsOf(ports, late)).toEqual([jobOf('early', early, 'discard'), jobOf('late', late)]);
    });

    it('are each returned once, also if they are moved meanwhile', async () => {
      const ports = create();
      for (const batchId of ['a', 'b', 'c']) await addJob(ports, jobOf(batchId, dueMs));

      const records: string[] = [];
      for await (const job of ports.quarantine.jobs(dueMs)) {
        if (job.lane.tenant.account !== tenant.account) continue;
        records.push(job.record);
        await ports.quarantine.reschedule(job, { ...job, dueAtMs: dueMs + 1 });
      }

      expect(records).toEqual(['a.0', 'b.0', 'c.0']);
    });

    it('can be added without a receipt, and again without harm', async () => {
      const ports = create();
      const job = jobOf('a', dueMs, 'expire');

      await ports.quarantine.schedule(job);
      await ports.quarantine.schedule(job);

      expect(await jobsOf(ports, dueMs)).toEqual([job]);
    });

    it('are replaced by the next one, and are removed if there is none', async () => {
      const ports = create();
      const job = jobOf('a', dueMs);
      await addJob(ports, job);

      const moved = { ...job, dueAtMs: dueMs + 5, tries: 2, isUnfinished: true };
      expect(await ports.quarantine.reschedule(job, moved)).toBe(true);
      expect(await jobsOf(ports, dueMs + 4)).toEqual([]);
      expect(await jobsOf(ports, dueMs + 5)).toEqual([moved]);

      expect(await ports.quarantine.reschedule(moved, undefined)).toBe(true);
      expect(await jobsOf(ports, dueMs + 9)).toEqual([]);
    });

    it('can be replaced by one of the same time', async () => {
      const ports = create();
      const job = jobOf('a', dueMs);
      await addJob(ports, job);

      expect(await ports.quarantine.reschedule(job, { ...job, tries: 1 })).toBe(true);

      expect(await jobsOf(ports, dueMs)).toEqual([{ ...job, tries: 1 }]);
    });

    it('that another invocation did or moved meanwhile are neither created again nor doubled', async () => {
      const ports = create();
      const [done, moved] = [jobOf('done', dueMs), jobOf('moved', dueMs)];
      await addJob(ports, done);
      await addJob(ports, moved);
      const at = (job: Job, laterMs: number) => ({ ...job, dueAtMs: dueMs + laterMs });
      await ports.quarantine.reschedule(done, undefined);
      await ports.quarantine.reschedule(moved, at(moved, 5));

      for (const job of [done, moved]) {
        expect(await ports.quarantine.reschedule(job, at(job, 7))).toBe(false);
        expect(await ports.quarantine.reschedule(job, { ...job, tries: 1 })).toBe(false);
        expect(await ports.quarantine.reschedule(job, undefined)).toBe(false);
      }

      expect(await jobsOf(ports, dueMs + 9)).toEqual([at(moved, 5)]);
    });

    it('of one record, to replay and to discard it, are two jobs', async () => {
      const ports = create();
      const job = jobOf('a', dueMs);
      const discard = jobOf('a', dueMs, 'discard');
      await addJob(ports, job);
      const [found] = await ports.lanes.receipts([job]);
      if (!found) throw new Error('no receipt');
      const to = { ...found, state: 'discarded' } as const;
      await ports.lanes.commit({
        changes: [{ from: found, to, job: discard }],
        documents: [],
        marks: [],
      });
      expect(await jobsOf(ports, dueMs)).toEqual([discard, job]);

      await ports.quarantine.reschedule(job, undefined);

      expect(await jobsOf(ports, dueMs)).toEqual([discard]);
    });
  });
});

it('a lease whose answer was lost succeeds when the SDK retries it', async () => {
  const ports = dynamo();
  const entry = await quarantined(ports, outcomeOf('a'));

  const tries = await losingTheFirstAnswer(tables.client, async () => {
    expect(await ports.quarantine.lease(entry, nowMs, nowMs + 10)).toBe(true);
  });

  expect(tries).toBe(2);
  expect(await find(ports, entry)).toMatchObject({ attempts: 1 });
});
