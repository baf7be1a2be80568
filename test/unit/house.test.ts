import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { functionVerbs } from '../../domain/system/stage-names.ts';

/** File, import, and whether the linter allows it. */
const cases = [
  ['domain/a.ts', '../adapters/aws/table.ts', false],
  ['domain/b.ts', '@aws-sdk/client-kinesis', false],
  ['domain/c.ts', 'node:fs', false],
  ['domain/d.ts', 'node:crypto', true],
  ['domain/e.ts', 'zod', true],
  ['domain/f.ts', './keys.ts', true],
  ['adapters/storing/a.ts', '../../lambdas/edge/http.ts', false],
  ['adapters/storing/b.ts', '../../domain/keys.ts', true],
  ['lambdas/ingest/a.ts', '../../lib/stage/stages.ts', false],
  ['lambdas/ingest/b.ts', '../../twin/src/core/twin.ts', false],
  ['lambdas/ingest/e.ts', '@weir/twin', false],
  ['lambdas/ingest/c.ts', '../../domain/system/bounded.ts', true],
  ['lambdas/ingest/d.ts', '../../adapters/aws/table.ts', false],
  ['lambdas/runtime/a.ts', '../../adapters/system/system.ts', false],
  ['lambdas/ingest/handler.ts', '../../adapters/aws/table.ts', true],
  ['lambdas/read/handler.ts', '../../lib/stage/stages.ts', false],
  ['lambdas/read/deeper/handler.ts', '../../../adapters/aws/table.ts', false],
  ['lib/a.ts', '../adapters/aws/table.ts', false],
  ['lib/b.ts', '../lambdas/runtime/environment.ts', true],
  ['lib/c.ts', '../lambdas/edge/http.ts', false],
  ['lib/api/a.ts', '../../lambdas/ingest/ingest.ts', false],
  ['lib/api/b.ts', '../../domain/api/routes.ts', true],
  ['local/a.ts', '../lambdas/ingest/ingest.ts', false],
  ['local/functions/a.ts', '../../domain/keys.ts', false],
  ['local/b.ts', '../cli/operator.ts', true],
  ['local/c.ts', '../twin/src/core/twin.ts', false],
  ['local/d.ts', '@weir/twin', true],
  ['local/watch/a.ts', '@weir/twin/template', true],
  ['test/flow/a.ts', '../../twin/src/core/twin.ts', false],
  ['test/flow/b.ts', '@weir/twin/parts', true],
  ['twin/src/core/a.ts', '../../../local/weir.ts', false],
  ['twin/src/core/b.ts', '../../../domain/keys.ts', false],
  ['twin/src/core/c.ts', '../../../cli/run.ts', false],
  ['twin/src/core/d.ts', '../template/template.ts', true],
  ['twin/src/services/sqs/a.ts', '../../core/service.ts', true],
  ['twin/src/services/sqs/b.ts', '../../../../adapters/aws/table.ts', false],
  ['twin/src/services/sqs/c.ts', '../../../../lambdas/edge/http.ts', false],
  ['twin/src/services/sqs/d.ts', '../../../../lib/stage/stages.ts', false],
  ['twin/test/core/a.ts', '../../../test/support/eventually.ts', false],
  ['twin/test/core/b.ts', '../../src/core/twin.ts', true],
  ['twin/test/core/c.ts', '../support/eventually.ts', true],
  ['twin/test/services/sqs/a.ts', '../../../../local/weir.ts', false],
  ['cli/a.ts', '../lambdas/edge/http.ts', false],
  ['cli/b.ts', '../adapters/system/clock-and-random.ts', true],
  ['client/a.ts', '@aws-sdk/client-kinesis', false],
  ['client/src/b.ts', '../../lambdas/edge/http.ts', false],
  ['client/src/c.ts', './wire.ts', true],
] as const;

it('the linter holds the rule of dependence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-house-'));
  const config = JSON.parse(readFileSync('biome.json', 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
  for (const [file, imported] of cases) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `import { thing } from '${imported}';\n\nthing();\n`);
  }

  const { stdout, stderr } = spawnSync(
    resolve('node_modules/.bin/biome'),
    ['lint', '--max-diagnostics=100'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );

  rmSync(folder, { recursive: true });
  const refused = [...(stdout + stderr).matchAll(/^(\S+?):1:\d+ lint\/style\/noRestrictedImports/gm)];
  expect(refused.map(([, file]) => file).toSorted()).toEqual(
    cases
      .filter(([, , allowed]) => !allowed)
      .map(([file]) => file)
      .toSorted(),
  );
});

it('every function of the list has its handler, and every handler is in the list', () => {
  const withHandler = readdirSync('lambdas').filter((room) =>
    existsSync(join('lambdas', room, 'handler.ts')),
  );

  const lacking = functionVerbs.filter((verb) => !withHandler.includes(verb));
  expect(lacking, 'in domain/system/stage-names.ts, but without lambdas/<verb>/handler.ts').toEqual([]);
  const unlisted = withHandler.filter((room) => !(functionVerbs as readonly string[]).includes(room));
  expect(unlisted, 'with a handler.ts, but not in domain/system/stage-names.ts').toEqual([]);
});
