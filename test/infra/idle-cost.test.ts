import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dollars, idleDollars, withIdleCost } from '../support/idle-cost.ts';
import { stageNamed } from './synthesize.ts';

const page = join(import.meta.dirname, '..', '..', 'docs', 'operate', 'deploy.md');

it('the idle cost in docs/operate/deploy.md is that of the templates: run this test with -u after a change', async () => {
  await expect(withIdleCost(readFileSync(page, 'utf8'))).toMatchFileSnapshot(page);
}, 120_000);

it('what it says of tiny with all alarms is that of the templates', () => {
  const tiny = stageNamed('tiny');
  const more = dollars(idleDollars({ ...tiny, alarms: true }) - idleDollars(tiny));

  expect(readFileSync(page, 'utf8').replaceAll(/\s+/g, ' ')).toContain(
    `With all alarms (\`alarms: true\`) it costs ${more} more.`,
  );
}, 120_000);
