// Tables on a real engine behind a proxy that counts calls and capacity units.

import { AwsProxy, createCallers, createCallMeter, type Step } from '@weir/twin/parts';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import type { TableSpec } from '../consume-bench/processor.ts';
import { startBenchTables } from '../consume-bench/tables.ts';

/** A long timeout: a call that is retried on a loaded machine would be counted twice. */
const timeouts = { ...workTimeouts, requestTimeoutMs: 60_000 };

export const clientAt = (endpoint: string) =>
  createDocumentClient(timeouts, {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });

export async function startMeteredTables(specs: readonly TableSpec[], steps: readonly Step[] = []) {
  const tables = await startBenchTables(specs);
  const meter = createCallMeter();
  const proxy = new AwsProxy({ callers: createCallers(), report: console.error });
  proxy.connect({
    steps: [...steps, meter.step],
    destinations: { dynamodb: { engine: tables } },
  });
  await proxy.start();
  return {
    tables,
    meter,
    /** Counts. */
    url: proxy.url,
    /** Does not count. */
    direct: tables.endpoint,
    end: async () => {
      await proxy.end();
      await tables.end();
    },
  };
}
