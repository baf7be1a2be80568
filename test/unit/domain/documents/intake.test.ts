import { expect, it } from 'vitest';
import { imbalanceOf } from '../../../../domain/documents/intake.ts';

it('the ledger is off by what was received and is nowhere', () => {
  const intake = { received: 10, stored: 5, duplicates: 2, conflicts: 1, quarantined: 1, bytes: 99 };

  expect(imbalanceOf(intake)).toBe(1);
});
