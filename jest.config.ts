// The one test configuration. Vitest is the runner; `vitest.config.ts` re-exports this file, so that both
// names lead here.

import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// What the CDK and the twin consist of is compiled by the first process that loads it, and not by each.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.weir', 'compile-cache');

const globalSetup = 'test/support/assembly.ts';

/** Environments of functions live for seconds. Before their heaps have so many MB, a collection is in vain. */
const execArgv = ['--initial-old-space-size=128'];

/** They take the longest: begun last, each would leave the other processors idle at the end. */
const longest = /test\/(flow\/(storm|dev)|flow\/alone|model|infra\/app|services\/kinesis\/engine)/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const [first, rest] = [true, false].map((isLong) =>
      sorted.filter(({ moduleId }) => longest.test(moduleId) === isLong),
    );
    return [...(first ?? []), ...(rest ?? [])];
  }
}

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 120_000,
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.weir/test-results.json' }]]
      : ['default'],
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      POWERTOOLS_DEV: 'false',
    },
    projects: [
      // Files that leave their process as they found it share one: what they import is loaded once.
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts', 'twin/test/**/*.test.ts'],
          exclude: ['test/flow/**'],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'flow', include: ['test/flow/*.test.ts'], isolate: false, globalSetup, execArgv },
      },
      // Flows of one running twin a worker.
      {
        extends: true,
        test: {
          name: 'flow-shared',
          include: ['test/flow/shared/*.test.ts'],
          isolate: false,
          globalSetup,
          execArgv,
        },
      },
      // They count the memory, the sockets and the threads of their process.
      {
        extends: true,
        test: { name: 'flow-alone', include: ['test/flow/alone/*.test.ts'], globalSetup },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['domain/**', 'adapters/**', 'lambdas/**', 'lib/**', 'cli/**', 'local/**', 'twin/src/**'],
    },
  },
});
