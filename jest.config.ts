// The one test configuration. Vitest is the runner; `vitest.config.ts` re-exports this file, so that both
// names lead here.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'twin/test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.weir/test-results.json' }]]
      : ['default'],
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      POWERTOOLS_DEV: 'false',
    },
    coverage: {
      provider: 'v8',
      include: ['domain/**', 'adapters/**', 'lambdas/**', 'lib/**', 'cli/**', 'local/**', 'twin/src/**'],
    },
  },
});
