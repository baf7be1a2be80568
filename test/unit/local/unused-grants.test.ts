import { expect, it } from 'vitest';
import { unusedGrants } from '../../../local/unused-grants.ts';

it.each(unusedGrants)('$actions are given a reason in a sentence', ({ actions, reason }) => {
  expect(actions.length).toBeGreaterThan(0);
  expect(reason).toMatch(/^[A-Z].{15,}\.$/);
});
