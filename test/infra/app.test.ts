import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

describe('the app', () => {
  it('refuses an unknown stage with the known ones and a failing exit, before it bundles anything', () => {
    const app = spawnSync(process.execPath, [join(import.meta.dirname, '..', '..', 'bin', 'app.ts')], {
      encoding: 'utf8',
      env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ stage: 'staging' }) },
    });

    expect(app.status).toBe(1);
    expect(app.stderr.trim()).toBe('There is no stage "staging". Known stages: dev, prod, emulator.');
  });
});
