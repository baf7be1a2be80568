import { expect, it } from 'vitest';
import { burstFactor, ladder, tiers } from '../../../domain/accounts/tiers.ts';
import { accountNeeds } from '../../../lib/stage/account-needs.ts';
import { forRequests, ladderBurst, tierBurst } from '../../../lib/stage/request-concurrency.ts';
import { checkStage } from '../../../lib/stage/stage-settings.ts';
import { selectStages } from '../../../lib/stage/stages.ts';

const defaultQuota = 1000;
const neverReserved = 100;

const [prod] = selectStages('prod');
if (prod === undefined) throw new Error('There is no prod.');

it('Lambda takes ten requests a second for each instance', () => {
  expect(forRequests(2500)).toEqual({ authorize: 250, ingest: 250 });
  expect(forRequests(1)).toEqual({ authorize: 1, ingest: 1 });
});

it('prod takes the burst of an account of every tier, and deploys on the default quota', () => {
  const { authorize, ingest } = prod.reservedConcurrency;
  for (const { requestsPerSecond } of Object.values(tiers)) {
    expect(Number(authorize) * 10).toBeGreaterThanOrEqual(burstFactor * requestsPerSecond);
    expect(Number(ingest) * 10).toBeGreaterThanOrEqual(burstFactor * requestsPerSecond);
  }
  expect({ authorize, ingest }).toEqual(forRequests(tierBurst));

  const { reservedConcurrency: reserved } = accountNeeds(prod);
  expect(reserved).toBe(848);
  expect(reserved).toBeLessThanOrEqual(defaultQuota - neverReserved);
});

it('the highest rung needs 1,000 each, which a stage may set', () => {
  expect(ladderBurst).toBeGreaterThanOrEqual(Math.max(...ladder));
  expect(forRequests(ladderBurst)).toEqual({ authorize: 1000, ingest: 1000 });

  const reservedConcurrency = { ...prod.reservedConcurrency, ...forRequests(ladderBurst) };
  expect(checkStage({ ...prod, reservedConcurrency }).reservedConcurrency).toEqual(reservedConcurrency);
});
