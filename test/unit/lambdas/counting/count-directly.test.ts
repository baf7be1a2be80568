// What is counted directly goes in groups, each of one lane and as large as one transaction can be.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quarantineActions } from '../../../../adapters/quarantine/dynamodb-quarantine-items.ts';
import type { LaneCommit } from '../../../../domain/counting/port.ts';
import type { Receipt, ReceiptChange } from '../../../../domain/counting/receipt.ts';
import { deltasOf, deltasToBytes } from '../../../../domain/documents/delta.ts';
import type { EnvelopeHeader } from '../../../../domain/record/envelope.ts';
import { changeOf, quarantinedOutcome } from '../../../../domain/storing/record-outcome.ts';
import { dayMs, hourMs } from '../../../../domain/system/time.ts';
import { countDirectly } from '../../../../lambdas/counting/count-directly.ts';
import { event, nowMs } from '../../../support/events.ts';
import { lane, laneReceipt, lateLane, tenantOf } from '../../../support/lanes.ts';
import { CountingFixture } from './fixture.ts';

const header = (batchId: string): EnvelopeHeader => ({
  ...{ ...lane, batchId, part: 0, parts: 1, kind: 'events', layout: 1, events: 3 },
  ...{ receivedAtMs: nowMs, retentionDays: 30, region: 'r', requestId: 'r' },
});
const spread = (hour: number, hours: number): Partial<Receipt> => {
  const list = Array.from({ length: hours }, (_, at) => event({ timestamp: nowMs - (hour + at) * hourMs }));
  return { delta: deltasToBytes(deltasOf(list)), accepted: hours, stored: hours };
};

const kinds = ['stored', 'out of quarantine', 'quarantined after an outage'] as const;
type Kind = (typeof kinds)[number];
function change(kind: Kind, hour: number, hours: number, name: string): ReceiptChange {
  if (kind === 'quarantined after an outage')
    return changeOf(quarantinedOutcome(header(name), 100, { reason: 'outage' }), nowMs);
  const to = laneReceipt(name, spread(hour, hours));
  if (kind === 'stored') return { to };
  const { delta: _, ...rest } = to;
  return { from: { ...rest, state: 'quarantined', mode: 'direct', stored: 0 }, to };
}
const anyChanges = fc
  .array(fc.tuple(fc.constantFrom(...kinds), fc.nat(500), fc.integer({ min: 1, max: 32 })), {
    maxLength: 60,
    size: 'max',
  })
  .map((list) => list.map(([kind, hour, hours], index) => change(kind, hour, hours, `b${index}`)));

/** The transactions that count these changes. All days are closed by then, so that each is marked. */
async function commitsOf(changes: readonly ReceiptChange[]): Promise<LaneCommit[]> {
  const fixture = new CountingFixture();
  fixture.clock.nowMs += 2 * dayMs;
  await fixture.store.putReceipts(changes.flatMap(({ from }) => from ?? []));
  const commits: LaneCommit[] = [];
  const commit = fixture.store.commit.bind(fixture.store);
  fixture.store.commit = (each) => {
    commits.push(each);
    return commit(each);
  };
  expect(await countDirectly(fixture, changes)).toEqual(changes);
  return commits;
}
const actionsOf = ({ changes, documents, marks }: LaneCommit) =>
  changes.length +
  changes.flatMap((each) => quarantineActions('ledger', each)).length +
  documents.length +
  marks.length;
const recordsIn = (commits: readonly LaneCommit[]) =>
  commits.flatMap(({ changes }) => changes.map(({ to }) => to.record));

describe('receipts that are counted directly', () => {
  it('fit into each transaction: at most 100 actions, and 3.5 MB with documents of 64 KB', async () => {
    await fc.assert(
      fc.asyncProperty(anyChanges, async (changes) => {
        const commits = await commitsOf(changes);

        expect(recordsIn(commits)).toEqual(changes.map(({ to }) => to.record));
        for (const each of commits) {
          expect(actionsOf(each)).toBeLessThanOrEqual(100);
          expect(each.documents.length * 64 * 1024).toBeLessThanOrEqual(3.5 * 1024 * 1024);
        }
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ['stored', 97],
    ['out of quarantine', 48],
    ['quarantined after an outage', 33],
  ] as const)('go as many together as fit if all are %s: %i', async (kind, most) => {
    const changes = (count: number) =>
      Array.from({ length: count }, (_, index) => change(kind, 0, 1, `b${index}`));
    const sizes = async (count: number) =>
      (await commitsOf(changes(count))).map((each) => each.changes.length);

    expect(await sizes(most)).toEqual([most]);
    expect(await sizes(most + 1)).toEqual([most, 1]);
  });

  it('never go together with those of another lane', async () => {
    const zeta = { ...lane, tenant: tenantOf('zeta') };
    const lanes = [lane, lateLane, { ...lane, slot: 1 }, zeta];
    const changes = Array.from({ length: 80 }, (_, index) => {
      const own = lanes[index % lanes.length] ?? lane;
      return { to: laneReceipt(`b${index}`, { lane: own, ...spread(index % 50, 1 + (index % 3)) }) };
    });
    const fixture = new CountingFixture();
    const commits: LaneCommit[] = [];
    const commit = fixture.store.commit.bind(fixture.store);
    fixture.store.commit = (each) => {
      commits.push(each);
      return commit(each);
    };

    await countDirectly(fixture, changes);

    expect(recordsIn(commits).toSorted()).toEqual(changes.map(({ to }) => to.record).toSorted());
    for (const each of commits) {
      expect(new Set(each.changes.map(({ to }) => to.lane)).size).toBe(1);
      expect(new Set(each.documents.map(({ key }) => key.lane)).size).toBe(1);
    }
  });
});
