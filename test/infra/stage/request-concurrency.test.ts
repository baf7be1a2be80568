import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { burstFactor, ladder, tiers } from '../../../domain/accounts/tiers.ts';
import { accountNeeds } from '../../../lib/stage/account-needs.ts';
import { forRequests, ladderBurst, tierBurst } from '../../../lib/stage/request-concurrency.ts';
import { checkStage } from '../../../lib/stage/stage-settings.ts';
import { selectStages } from '../../../lib/stage/stages.ts';

const root = join(import.meta.dirname, '..', '..', '..');
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
  expect(reserved).toBe(851);
  expect(reserved).toBeLessThanOrEqual(defaultQuota - neverReserved);
});

it('docs/operate/deploy.md says what prod reserves, what it needs and what higher rates need', () => {
  const page = readFileSync(join(root, 'docs/operate/deploy.md'), 'utf8').replaceAll(/\s+/g, ' ');
  const { reservedConcurrency: reserved } = accountNeeds(prod);
  const { authorize, ingest } = prod.reservedConcurrency;
  const needed = reserved + neverReserved;
  const withEach = (each: number) =>
    (needed - Number(authorize) - Number(ingest) + 2 * each).toLocaleString('en');

  expect(page).toContain(
    `\`prod\` reserves ${reserved}, and 100 always stay unreserved: it needs ${needed},`,
  );
  expect(page).toContain(`every further stage like it in the region ${reserved} more`);
  expect(page).toContain(`\`prod\` does not deploy below ${needed} `);
  expect(page).toContain(`| 300 | 1,000 (${needed}) |`);
  expect(page).toContain(`| 500 | ${withEach(500)} |`);
  expect(page).toContain(`| 1,000 | ${withEach(1000)} |`);
});

it.each(['stream-lag', 'ingest-availability-burn'])('the runbook %s says what prod can raise', (name) => {
  const left = defaultQuota - neverReserved - accountNeeds(prod).reservedConcurrency;

  expect(readFileSync(join(root, `docs/runbooks/${name}.md`), 'utf8').replaceAll(/\s+/g, ' ')).toContain(
    `so that \`prod\` can raise by ${left} in all with a quota of 1,000`,
  );
});

it('the highest rung needs 1,000 each, which a stage may set', () => {
  expect(ladderBurst).toBeGreaterThanOrEqual(Math.max(...ladder));
  expect(forRequests(ladderBurst)).toEqual({ authorize: 1000, ingest: 1000 });

  const reservedConcurrency = { ...prod.reservedConcurrency, ...forRequests(ladderBurst) };
  expect(checkStage({ ...prod, reservedConcurrency }).reservedConcurrency).toEqual(reservedConcurrency);
});
