import { expect, it } from 'vitest';
import { imbalanceOf } from '../../../../domain/documents/intake.ts';

it('the imbalance is what was received and has no outcome', () => {
  const intake = {
    received: 10,
    stored: 5,
    duplicates: 2,
    conflicts: 1,
    quarantined: 1,
    records: 4,
    bytes: 99,
    slow: 0,
  };

  expect(imbalanceOf(intake)).toBe(1);
});
