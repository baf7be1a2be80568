// A short storm: everything that can go wrong between the client and the tables, from one seed. What it does and what
// it looks at is in test/storm; `npm run test:storm` is the long one.

import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { shortStorm } from '../storm/plan.ts';
import { runStorm } from '../storm/storm.ts';
import { hurried } from '../support/hurried.ts';

let twin: RunningWeir;
beforeAll(async () => {
  twin = await startWeir({ ...hurried, assembly: inject('assembly'), report: () => undefined });
});
afterAll(() => twin.stop());

it('whatever goes wrong, each accepted event is stored once and counted once, and all books agree', async () => {
  const { seed } = shortStorm;

  const { plan, violations, met, batches, events } = await runStorm(twin, shortStorm);

  const notMet = Object.keys(met).filter((kind) => met[kind] === 0);
  expect({ seed, plan, violations, notMet }).toEqual({ seed, plan, violations: [], notMet: [] });
  expect(batches).toBeGreaterThanOrEqual(shortStorm.batches);
  expect(events).toBeGreaterThanOrEqual(shortStorm.events);
}, 300_000);
