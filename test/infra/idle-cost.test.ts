import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withIdleCost } from '../support/idle-cost.ts';

const page = join(import.meta.dirname, '..', '..', 'docs', 'operate', 'deploy.md');

it('the idle cost in docs/operate/deploy.md is that of the templates: run this test with -u after a change', async () => {
  await expect(withIdleCost(readFileSync(page, 'utf8'))).toMatchFileSnapshot(page);
}, 120_000);
