import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT } from 'aws-cdk-lib/cx-api';
import { describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '..', '..');

describe('the app', () => {
  it('refuses an unknown stage, lists the known ones and exits with 1 before it synthesizes anything', () => {
    const output = mkdtempSync(join(tmpdir(), 'weir-app-'));
    const app = spawnSync(process.execPath, [join(project, 'bin', 'app.ts')], {
      encoding: 'utf8',
      env: { ...process.env, CDK_OUTDIR: output, CDK_CONTEXT_JSON: JSON.stringify({ stage: 'staging' }) },
    });

    expect(app.status).toBe(1);
    expect(app.stderr.trim()).toMatch(/^There is no stage "staging"\. Known stages: dev, prod, .*\.$/);
    expect(existsSync(join(output, 'manifest.json'))).toBe(false);
    rmSync(output, { recursive: true });
  });

  it('exits with 1 if the validation finds something, and prints rule and resource last', () => {
    const output = mkdtempSync(join(tmpdir(), 'weir-app-'));
    const nothingAcknowledged =
      "import { Validations } from 'aws-cdk-lib'; Validations.prototype.acknowledge = () => {}; " +
      "await import('./bin/app.ts');";
    const app = spawnSync(process.execPath, ['--input-type=module', '--eval', nothingAcknowledged], {
      cwd: project,
      encoding: 'utf8',
      env: {
        ...process.env,
        // As under the CDK's command line and in the twin.
        NODE_ENV: '',
        CDK_OUTDIR: output,
        CDK_CONTEXT_JSON: JSON.stringify({
          stage: 'emulator',
          [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: false,
        }),
      },
    });
    rmSync(output, { recursive: true });

    expect(app.status).toBe(1);
    expect(app.stderr).toContain('AwsSolutions-S1');
    expect(app.stderr).toContain('weir-emulator-stateful/FailedRecords/Bucket/Resource');
    expect(app.stderr.trim()).toMatch(/validation-report\.json$/);
  }, 60_000);
});
