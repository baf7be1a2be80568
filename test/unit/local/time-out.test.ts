import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createClock } from '../../../local/clock.ts';
import { Functions } from '../../../local/functions/functions.ts';
import { createCallers } from '../../../local/proxy/identify.ts';
import { eventually } from '../../support/eventually.ts';
import { workerCount } from '../../support/workers.ts';
import { invocationUri, systemOf } from './fixture.ts';
import { method, startGateway, type TestGateway } from './gateway-fixture.ts';

let folder: string;
let functions: Functions;
let running: TestGateway | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-time-out-'));
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = async () => { for (;;); };');
  const system = systemOf(
    {
      Hanging: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'weir-dev-hanging',
          Code: { S3Bucket: 'assets', S3Key: 'hash.zip' },
          Handler: 'index.handler',
          Timeout: 1,
        },
      },
    },
    {},
    { 'hash.zip': folder },
  );
  functions = new Functions({
    system: () => system,
    callers: createCallers(),
    proxyUrl: () => 'http://127.0.0.1:1',
    clock: createClock(),
    logFolder: join(folder, 'logs'),
    report: () => undefined,
  });
  await functions.start();
});
afterEach(async () => {
  await running?.end();
  await functions.end();
  rmSync(folder, { recursive: true });
});

/** An API in front of the function, which itself times out after a second. */
async function call(integrationTimeoutMs: number) {
  running = await startGateway(
    { serve: (event) => functions.invokeVerb('hanging', event) },
    {
      ItemsMethod: method('Items', {
        Integration: {
          Type: 'AWS_PROXY',
          Uri: invocationUri('serve'),
          TimeoutInMillis: integrationTimeoutMs,
        },
      }),
    },
  );
  const response = await fetch(`${running.url}/items`);
  return { status: response.status, body: await response.json() };
}

const noWorkerIsLeft = () =>
  eventually(
    async () => workerCount(),
    (count) => count === 0,
  );

it('a function that hangs past its integration is 504 to the caller, and its worker is ended when its own time is over', async () => {
  expect(await call(500)).toEqual({ status: 504, body: { message: 'Endpoint request timed out' } });
  expect(functions.activity()).toMatchObject({ hanging: { environments: 1, busy: 1, timeouts: 0 } });

  await noWorkerIsLeft();

  expect(functions.activity()).toMatchObject({ hanging: { environments: 0, busy: 0, timeouts: 1 } });
  expect(running?.reports).toEqual([expect.stringContaining('Task timed out after 1.00 seconds')]);
});

it('a function whose own time is over first is a failure to the caller, as in the cloud, and its worker is gone', async () => {
  expect(await call(5000)).toEqual({ status: 502, body: { message: 'Internal server error' } });

  await noWorkerIsLeft();
});
