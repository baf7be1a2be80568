import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Receipt } from '../../../../domain/counting/receipt.ts';
import type { Classification } from '../../../../domain/storing/identity.ts';
import { verdictsOf, verdictsToBytes } from '../../../../domain/storing/verdicts.ts';

const anyVerdicts = fc.array(fc.constantFrom<Classification>('mine', 'duplicate', 'conflict'), {
  minLength: 1,
  maxLength: 1024,
});

it('are read from a receipt as they were written', () => {
  fc.assert(
    fc.property(anyVerdicts, (list) => {
      const bytes = verdictsToBytes(list);
      const count = (verdict: Classification) => list.filter((each) => each === verdict).length;
      const receipt = {
        ...{ accepted: list.length, stored: count('mine') },
        ...{ duplicates: count('duplicate'), conflicts: count('conflict') },
        ...(bytes && { verdicts: bytes }),
      } as Receipt;

      expect(verdictsOf(receipt)).toEqual(list);
      expect(bytes?.length ?? 0).toBeLessThanOrEqual(Math.ceil(list.length / 4));
    }),
  );
});

it('take no bytes if they are the same for all events', () => {
  expect(verdictsToBytes(['duplicate', 'duplicate'])).toBeUndefined();
});
