import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoCountingLanes } from '../../../adapters/counting/dynamodb-counting-lanes.ts';
import { MemoryLanes } from '../../../adapters/counting/memory-lanes.ts';
import { dayItemKey } from '../../../adapters/documents/dynamodb-document-items.ts';
import { additionOf, countInto } from '../../../domain/counting/additions.ts';
import { markOfDay } from '../../../domain/counting/day-marks.ts';
import type { Lanes } from '../../../domain/counting/port.ts';
import { placeOf, type Receipt } from '../../../domain/counting/receipt.ts';
import { beginning, nextRun, type Run } from '../../../domain/counting/runs.ts';
import { type DocumentKey, emptyDocument } from '../../../domain/documents/documents.ts';
import { hourFromFields } from '../../../domain/documents/hour-wire.ts';
import { intakeFromFields } from '../../../domain/documents/intake.ts';
import {
  countKey,
  type Lane,
  markSortKey,
  type Position,
  positionAfter,
  runListSortKey,
  runSortKey,
  tenantKey,
} from '../../../domain/keys.ts';
import { dayMs, epochSeconds, floorTo, hourMs } from '../../../domain/system/time.ts';
import { nowMs } from '../../support/events.ts';
import { laneReceipt, tenantOf } from '../../support/lanes.ts';
import { leavingUndone } from '../../support/left-undone.ts';
import { startTables, type TestTables, tableNames } from '../../support/tables.ts';

type Ports = { lanes: Lanes; mark: (day: number) => Promise<number> };

let account = 0;
let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());
beforeEach(() => {
  account += 1;
});

const lane = (late = false, slot = 0): Lane => ({ tenant: tenantOf(`acme-${account}`), slot, late });
const receipt = (record: string, overrides: Partial<Receipt> = {}): Receipt =>
  laneReceipt(record, { lane: lane(), ...overrides });
const hour = floorTo(nowMs, hourMs);
const hourKey = (ago = 0): DocumentKey => ({ lane: lane(), kind: 'hour', hourMs: hour - ago * hourMs });
const intakeKey = (): DocumentKey => ({ lane: lane(), kind: 'intake', hourMs: hour });
const yesterday = floorTo(nowMs, dayMs) - dayMs;

const memory = (): Ports => {
  const lanes = new MemoryLanes();
  return {
    lanes,
    mark: async (day) => lanes.marks.get(`${tenantKey(lane().tenant)}#${day}`) ?? 0,
  };
};
const itemOf = async (Key: { pk: string; sk: string }) =>
  (await tables.client.send(new GetCommand({ TableName: tableNames.aggregates, Key }))).Item;
const dynamo = (): Ports => ({
  lanes: new DynamoCountingLanes({ aggregates: tables.table('aggregates'), ledger: tables.table('ledger') }),
  mark: async (day) => Number((await itemOf(dayItemKey(lane().tenant, markSortKey(day))))?.times ?? 0),
});

const countedInto = (receipts: readonly Receipt[]) =>
  countInto(
    receipts.map((each) => additionOf(each)),
    [],
  );
const wholeTail = async ({ lanes }: Ports, after: Position, to?: Position, limit?: number) => {
  const found: Receipt[] = [];
  let from: Position | undefined = after;
  while (from !== undefined) {
    const page = await lanes.tail(lane(), { after: from, ...(to && { to }), ...(limit && { limit }) });
    found.push(...page.receipts);
    from = page.next;
  }
  return found.map(({ record }) => record);
};
const run = (to: Position, last?: Run): Run => nextRun(lane(), last, to);
const folded = async ({ lanes }: Ports, each: Run): Promise<Run> => {
  await lanes.announce(each);
  await lanes.markFolded(each, nowMs);
  return { ...each, state: 'folded', expiresAtMs: nowMs };
};

describe.each<[string, () => Ports]>([
  ['memory', memory],
  ['DynamoDB', dynamo],
])('lanes in %s', (_, create) => {
  describe('put receipts', () => {
    it('and return them as they were put', async () => {
      const { lanes } = create();
      const { delta: _, ...without } = receipt('b', {
        state: 'quarantined',
        reason: 'failed',
        mode: 'direct',
        wasVoid: true,
        freedAtMs: nowMs,
        pageWidth: 8,
        verdicts: new Uint8Array([9]),
      });

      expect(await lanes.putReceipts([receipt('a'), without])).toEqual(['put', 'put']);

      expect(await lanes.receipts([receipt('a'), without, receipt('c')])).toEqual([receipt('a'), without]);
    });

    it('only where there is none, and leave the others as they are', async () => {
      const { lanes } = create();
      await lanes.putReceipts([receipt('a', { stored: 7 })]);

      expect(await lanes.putReceipts([receipt('a'), receipt('b')])).toEqual(['exists', 'put']);

      expect(await lanes.receipts([receipt('a')])).toEqual([receipt('a', { stored: 7 })]);
    });

    it('not where an expired one is, which is read like any other (R6)', async () => {
      const { lanes } = create();
      const expired = receipt('a', { expiresAtMs: nowMs - dayMs, stored: 7 });
      await lanes.putReceipts([expired]);

      expect(await lanes.putReceipts([receipt('a')])).toEqual(['exists']);

      expect(await lanes.receipts([receipt('a')])).toEqual([expired]);
    });

    it('of more records than one call takes', async () => {
      const { lanes } = create();
      const many = Array.from({ length: 60 }, (__, index) => receipt(`r${index + 10}`));
      await lanes.putReceipts(many.slice(50));

      expect(await lanes.putReceipts(many)).toEqual([
        ...Array<'put'>(50).fill('put'),
        ...Array<'exists'>(10).fill('exists'),
      ]);
    });

    it('and tell which are counted, and not of those in quarantine or without a receipt', async () => {
      const { lanes } = create();
      const quarantined = receipt('b', { state: 'quarantined', mode: 'direct' });
      await lanes.putReceipts([receipt('a'), quarantined, receipt('c', { lane: lane(true) })]);

      const { counted, units } = await lanes.counted([
        ...[receipt('a'), quarantined, receipt('c', { lane: lane(true) })],
        ...[receipt('d'), receipt('e', { lane: lane(true) })],
      ]);

      expect([...counted].toSorted()).toEqual(['a.0', 'c.0']);
      expect(units).toBeGreaterThan(0);
    });

    it('of each lane apart', async () => {
      const { lanes } = create();
      const late = receipt('a', { lane: lane(true) });
      const otherSlot = receipt('a', { lane: lane(false, 1) });

      expect(await lanes.putReceipts([receipt('a'), late, otherSlot])).toEqual(['put', 'put', 'put']);

      expect(await lanes.receipts([late])).toEqual([late]);
      expect((await lanes.tail(lane(true), { after: beginning })).receipts).toEqual([late]);
    });
  });

  describe('read the tail', () => {
    const inOrder = () => [
      receipt('b', { receivedAtMs: nowMs - 5 }),
      receipt('a'),
      receipt('c'),
      receipt('0', { receivedAtMs: nowMs + 5 }),
    ];

    it('in the order of positions, past one and up to another', async () => {
      const ports = create();
      await ports.lanes.putReceipts(inOrder().toReversed());
      const [first, second, third] = inOrder().map(placeOf) as [string, string, string];

      expect(await wholeTail(ports, beginning)).toEqual(['b.0', 'a.0', 'c.0', '0.0']);
      expect(await wholeTail(ports, first)).toEqual(['a.0', 'c.0', '0.0']);
      expect(await wholeTail(ports, first, third)).toEqual(['a.0', 'c.0']);
      expect(await wholeTail(ports, positionAfter(nowMs - 5), second)).toEqual(['a.0']);
      expect(await wholeTail(ports, second, positionAfter(nowMs))).toEqual(['c.0']);
    });

    it.each([1, 2, 3, 4, 5])('in pages of %i', async (limit) => {
      const ports = create();
      await ports.lanes.putReceipts(inOrder());

      expect(await wholeTail(ports, beginning, undefined, limit)).toEqual(['b.0', 'a.0', 'c.0', '0.0']);
    });

    it('with receipts that are not plain, and no runs', async () => {
      const ports = create();
      await ports.lanes.putReceipts([receipt('a', { mode: 'direct' })]);
      await folded(ports, run(placeOf(receipt('a'))));

      expect(await wholeTail(ports, beginning)).toEqual(['a.0']);
    });

    it('and its newest receipt', async () => {
      const { lanes } = create();
      expect(await lanes.newest(lane())).toBeUndefined();

      await lanes.putReceipts(inOrder());

      expect(await lanes.newest(lane())).toEqual(inOrder().at(-1));
    });
  });

  describe('keep runs', () => {
    it('as they were announced', async () => {
      const { lanes } = create();
      expect(await lanes.lastRun(lane())).toBeUndefined();

      expect(await lanes.announce(run('5'))).toBe(true);

      expect(await lanes.lastRun(lane())).toEqual(run('5'));
      expect(await lanes.lastFoldedRun(lane())).toBeUndefined();
    });

    it('that start at one position only once', async () => {
      const { lanes } = create();
      await lanes.announce(run('5'));

      expect(await lanes.announce(run('6'))).toBe(false);

      expect(await lanes.lastRun(lane())).toEqual(run('5'));
    });

    it('and find the last one that starts before a position', async () => {
      const ports = create();
      const first = await folded(ports, run('5'));
      await ports.lanes.announce(run('7', first));
      const second = { ...run('7', first), previous: { start: beginning, expiresAtMs: nowMs } };

      expect(await ports.lanes.lastRun(lane())).toEqual(second);
      expect(await ports.lanes.lastRun(lane(), '6')).toEqual(second);
      expect(await ports.lanes.lastRun(lane(), '5')).toEqual(first);
      expect(await ports.lanes.lastRun(lane(), '4')).toEqual(first);
      expect(await ports.lanes.lastRun(lane(true))).toBeUndefined();
      expect(await ports.lanes.lastFoldedRun(lane())).toEqual(first);
    });

    it('with the first list that was stored', async () => {
      const { lanes } = create();
      await lanes.announce(run('5'));
      expect(await lanes.listOf(run('5'))).toBeUndefined();
      const list = { positions: ['1', '2'], expiresAtMs: nowMs };

      await lanes.seal(run('5'), list);
      await lanes.seal(run('5'), { positions: ['3'], expiresAtMs: nowMs + 1 });

      expect(await lanes.listOf(run('5'))).toEqual(list);
    });

    it('with an empty list', async () => {
      const { lanes } = create();
      await lanes.seal(run('5'), { positions: [], expiresAtMs: nowMs });

      expect(await lanes.listOf(run('5'))).toEqual({ positions: [], expiresAtMs: nowMs });
    });

    it('with their failures and what is left out of them', async () => {
      const { lanes } = create();
      await lanes.announce(run('5'));

      expect(await lanes.noteFailure(run('5'), nowMs)).toBe(nowMs);
      expect(await lanes.noteFailure(run('5'), nowMs + 1)).toBe(nowMs);
      expect(await lanes.leaveOut(run('5'), ['2'])).toEqual(['2']);
      expect(await lanes.leaveOut(run('5'), ['1', '2'])).toSatisfy(
        (all: string[]) => all.toSorted().join() === '1,2',
      );

      expect(await lanes.lastRun(lane())).toMatchObject({
        failingSinceMs: nowMs,
        leftOut: expect.arrayContaining(['1', '2']),
      });
    });

    it('and make no run by changing one that is gone', async () => {
      const { lanes } = create();

      await lanes.markFolded(run('5'), nowMs);
      await lanes.expire(lane(), { start: beginning, expiresAtMs: nowMs });

      expect(await lanes.noteFailure(run('5'), nowMs)).toBe(nowMs);
      expect(await lanes.leaveOut(run('5'), ['1'])).toEqual([]);
      expect(await lanes.lastRun(lane())).toBeUndefined();
    });
  });

  describe('keep documents', () => {
    it('as they were put, under versions', async () => {
      const { lanes } = create();
      const [document] = countedInto([receipt('a', { receivedAtMs: nowMs })]).filter(
        ({ key }) => key.kind === 'hour',
      );
      if (!document) throw new Error('no document');

      expect(await lanes.putDocument({ ...document, foldedTo: '5' })).toBe(true);

      const found = await lanes.documents([document.key, hourKey(9)]);
      expect(found).toMatchObject([{ key: document.key, version: 1, foldedTo: '5' }]);
      expect(found[0]?.expiresAtMs).toBe(document.expiresAtMs);
      expect(hourFromFields(found[0]?.fields ?? {}).total.count).toBe(1);
    });

    it('and put none that has changed since it was read', async () => {
      const { lanes } = create();
      const document = emptyDocument(hourKey());
      await lanes.putDocument(document);

      expect(await lanes.putDocument(document)).toBe(false);
      expect(await lanes.putDocument({ ...document, version: 1 })).toBe(true);
      expect(await lanes.putDocument({ ...document, version: 1 })).toBe(false);
    });

    it('and raise a mark with a document, or not at all', async () => {
      const { lanes, mark } = create();
      const document = emptyDocument({ ...hourKey(), hourMs: yesterday });
      const raised = markOfDay(lane().tenant, yesterday, 30 * dayMs);

      expect(await lanes.putDocument(document, raised)).toBe(true);
      expect(await mark(yesterday)).toBe(1);
      expect(await lanes.putDocument(document, raised)).toBe(false);
      expect(await mark(yesterday)).toBe(1);
    });

    it('and return those of a range of hours, from the first up to and without the last', async () => {
      const { lanes } = create();
      for (const ago of [0, 1, 2, 3]) await lanes.putDocument(emptyDocument(hourKey(ago)));
      await lanes.putDocument(emptyDocument(intakeKey()));
      await lanes.putDocument(emptyDocument({ ...hourKey(2), lane: lane(true) }));

      const { documents: found } = await lanes.documentsBetween(lane(), 'hour', hour - 2 * hourMs, hour);

      expect(found.map(({ key }) => key)).toEqual([hourKey(2), hourKey(1)]);
    });
  });

  describe('commit', () => {
    it('receipts, documents and marks together', async () => {
      const { lanes, mark } = create();
      const to = receipt('a', { mode: 'direct', receivedAtMs: nowMs });
      const documents = countedInto([to]);
      const marks = [markOfDay(lane().tenant, yesterday, dayMs)];

      expect(await lanes.commit({ changes: [{ to }], documents, marks })).toEqual({ outcome: 'committed' });

      expect(await lanes.receipts([to])).toEqual([to]);
      const [intake] = await lanes.documents([intakeKey()]);
      expect(intakeFromFields(intake?.fields ?? {})).toMatchObject({ received: 1, stored: 1, bytes: 100 });
      expect(await mark(yesterday)).toBe(1);
    });

    it('nothing if a receipt is there already', async () => {
      const { lanes } = create();
      await lanes.putReceipts([receipt('a')]);

      const changes = ['a', 'b'].map((record) => ({ to: receipt(record, { mode: 'direct' }) }));
      const result = await lanes.commit({ changes, documents: [emptyDocument(hourKey())], marks: [] });

      expect(result).toEqual({ outcome: 'lost', taken: ['a.0'] });
      expect(await lanes.receipts([receipt('b')])).toEqual([]);
      expect(await lanes.documents([hourKey()])).toEqual([]);
    });

    it('nothing if a document has changed since it was read', async () => {
      const { lanes } = create();
      await lanes.putDocument(emptyDocument(hourKey()));

      const to = receipt('a', { mode: 'direct' });
      const result = await lanes.commit({
        changes: [{ to }],
        documents: [emptyDocument(hourKey())],
        marks: [],
      });

      expect(result).toEqual({ outcome: 'lost', taken: [] });
      expect(await lanes.receipts([to])).toEqual([]);
    });

    it('a plain receipt as direct, once', async () => {
      const { lanes } = create();
      const from = receipt('a');
      await lanes.putReceipts([from]);
      const { delta: _, ...without } = from;
      const to: Receipt = { ...without, mode: 'direct' };
      const commit = { changes: [{ from, to }], documents: [], marks: [] };

      expect(await lanes.commit(commit)).toEqual({ outcome: 'committed' });
      expect(await lanes.commit(commit)).toEqual({ outcome: 'lost', taken: ['a.0'] });

      expect(await lanes.receipts([from])).toEqual([to]);
    });
  });
});

describe('lanes in DynamoDB let items expire', () => {
  const ttlOf = async (sk: string) => (await itemOf({ pk: countKey(lane()), sk }))?.ttl;

  it('but not the last run', async () => {
    const ports = dynamo();
    const first = await folded(ports, run('5'));
    await ports.lanes.announce(run('7', first));

    expect(await ttlOf(runSortKey(beginning))).toBeUndefined();
    await ports.lanes.expire(lane(), { start: beginning, expiresAtMs: nowMs });

    expect(await ttlOf(runSortKey(beginning))).toBe(epochSeconds(nowMs));
    expect(await ttlOf(runSortKey('5'))).toBeUndefined();
  });

  it('with a list, a receipt and a document', async () => {
    const { lanes } = dynamo();
    await lanes.seal(run('5'), { positions: [], expiresAtMs: nowMs });
    await lanes.putReceipts([receipt('a')]);
    await lanes.putDocument({ ...emptyDocument(hourKey()), expiresAtMs: nowMs });

    expect(await ttlOf(runListSortKey(beginning))).toBe(epochSeconds(nowMs));
    expect(await ttlOf(`r#${placeOf(receipt('a'))}`)).toBe(epochSeconds(receipt('a').expiresAtMs));
    const [document] = await lanes.documents([hourKey()]);
    expect(document?.expiresAtMs).toBe(nowMs);
  });
});

it('receipts that the table takes in no try are undecided, and the others are put', async () => {
  const { lanes } = dynamo();
  await lanes.putReceipts([receipt('b')]);
  const all = ['a', 'b', 'left', 'c'].map((record) => receipt(record));

  const results = await leavingUndone(tables.client, '#left.0', () => lanes.putReceipts(all));

  expect(results).toEqual(['put', 'exists', 'undecided', 'put']);
  expect((await lanes.receipts(all)).map(({ record }) => record).toSorted()).toEqual(['a.0', 'b.0', 'c.0']);
});
