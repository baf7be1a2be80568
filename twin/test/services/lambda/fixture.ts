// One function of a few lines, run as the twin runs its own.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, createClock } from '../../../src/core/clock.ts';
import type { MetricSink } from '../../../src/core/metric-sink.ts';
import { type Callers, createCallers } from '../../../src/core/proxy/identify.ts';
import { Functions } from '../../../src/services/lambda/functions.ts';
import { noMetrics, templateOf } from '../../fixture.ts';

export type TestFunction = {
  readonly functions: Functions;
  invoke(event?: object): Promise<unknown>;
  /** What it has printed, line by line. */
  lines(): readonly string[];
  end(): Promise<void>;
};

type Around = {
  readonly clock?: Clock;
  readonly callers?: Callers;
  readonly proxy?: { readonly url: string };
  readonly metrics?: MetricSink;
};

/** `code` is a module that exports `handler`. */
export async function startFunction(
  label: string,
  code: string,
  timeoutSeconds: number,
  {
    clock = createClock(),
    callers = createCallers(),
    proxy = { url: 'http://127.0.0.1:1' },
    metrics = noMetrics,
  }: Around = {},
): Promise<TestFunction> {
  const folder = mkdtempSync(join(tmpdir(), `weir-${label}-`));
  writeFileSync(join(folder, 'index.mjs'), code);
  const template = templateOf(
    {
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: `weir-dev-${label}`,
          Code: { S3Bucket: 'assets', S3Key: 'hash.zip' },
          Handler: 'index.handler',
          Timeout: timeoutSeconds,
        },
      },
    },
    {},
    { 'hash.zip': folder },
  );
  const functions = new Functions({
    template,
    callers,
    proxy,
    clock,
    metrics,
    logFolder: join(folder, 'logs'),
    outages: { failed: () => undefined, succeeded: () => undefined },
    report: () => undefined,
  });
  await functions.start();
  const log = join(folder, 'logs', `${label}.log`);
  return {
    functions,
    invoke: (event = {}) => functions.invokeByName(label, event),
    lines: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : []),
    end: async () => {
      await functions.end();
      rmSync(folder, { recursive: true });
    },
  };
}
