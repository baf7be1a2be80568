// Against a real engine, because the rules of write units decide.

import { describe, expect, it } from 'vitest';
import { costOfKind } from '../../../bench/weights-bench/cost.ts';
import { kinds } from '../../../bench/weights-bench/kinds.ts';
import { unitsOfWeight } from '../../../domain/limits/batch-weight.ts';

/** Of each kind as many as tell, so that the test stays short. */
const batches: Readonly<Record<string, number>> = {
  'one event': 100,
  'one event, random id': 100,
  'one event of 30 KB': 10,
  '10 events': 50,
  '10 events of 30 days': 10,
  '100 events': 10,
  '100 events, random ids': 5,
  '100 events, UUIDv7': 10,
  '100 events of 48 hours': 5,
  '500 events, 500 names': 3,
  '500 events of 30 days, random ids': 2,
};

describe('a batch', () => {
  it.each(Object.entries(batches))('weighs what it costs, within 2x: %s', async (name, count) => {
    const kind = kinds[name];
    if (!kind) throw new Error(`There is no kind of batches ${name}.`);
    const { weight, writeUnits } = await costOfKind(kind, count);
    const times = writeUnits / (weight * unitsOfWeight);

    expect(times).toBeGreaterThan(0.5);
    expect(times).toBeLessThan(2);
  });
});
