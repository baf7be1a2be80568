import { describe, expect, it } from 'vitest';
import { placeOf } from '../../../../domain/counting/receipt.ts';
import { listOf } from '../../../../domain/counting/runs.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';
import { laneReceipt } from '../../../support/lanes.ts';

const receipt = laneReceipt('a', { expiresAtMs: nowMs + 97 * dayMs });
const run = { to: placeOf(receipt) };

describe('the list of a run', () => {
  it('has its plain receipts', () => {
    const others = [laneReceipt('b', { mode: 'direct' }), laneReceipt('c', { state: 'quarantined' })];

    expect(listOf(run, [receipt, ...others]).positions).toEqual([placeOf(receipt)]);
  });

  it('outlives its receipts by a week', () => {
    expect(listOf(run, [receipt]).expiresAtMs).toBe(nowMs + 104 * dayMs);
  });

  it('lives for 52 days without receipts: who tries a record again finds what has passed it by', () => {
    expect(listOf(run, []).expiresAtMs).toBe(nowMs + 52 * dayMs);
  });

  it('does not expire before the run before it', () => {
    const previous = { start: '', expiresAtMs: nowMs + 400 * dayMs };

    expect(listOf({ ...run, previous }, [receipt]).expiresAtMs).toBe(nowMs + 400 * dayMs);
  });
});
