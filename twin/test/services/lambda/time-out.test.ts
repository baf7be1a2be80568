import { afterEach, beforeEach, expect, it } from 'vitest';
import { invocationUri } from '../../fixture.ts';
import { eventually } from '../../support/eventually.ts';
import { workerCount } from '../../support/workers.ts';
import { method, startGateway, type TestGateway } from '../api-gateway/fixture.ts';
import { startFunction, type TestFunction } from './fixture.ts';

let hanging: TestFunction;
let workersBefore = 0;
let running: TestGateway | undefined;

beforeEach(async () => {
  workersBefore = workerCount();
  hanging = await startFunction('hanging', 'export const handler = async () => { for (;;); };', 1);
});
afterEach(async () => {
  await running?.end();
  await hanging.end();
});

/** An API in front of the function, which itself times out after a second. */
async function call(integrationTimeoutMs: number) {
  running = await startGateway(
    { serve: (event) => hanging.invoke(event as object) },
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
    (count) => count === workersBefore,
  );

it('a function that hangs past its integration is 504 to the caller, and its worker is ended when its own time is over', async () => {
  expect(await call(500)).toEqual({ status: 504, body: { message: 'Endpoint request timed out' } });
  expect(hanging.functions.activity()).toMatchObject({ hanging: { environments: 1, busy: 1, timeouts: 0 } });

  await noWorkerIsLeft();

  expect(hanging.functions.activity()).toMatchObject({ hanging: { environments: 0, busy: 0, timeouts: 1 } });
  expect(running?.reports).toEqual([expect.stringContaining('Task timed out after 1.00 seconds')]);
});

it('a function whose own time is over first is a failure to the caller, as in the cloud, and its worker is gone', async () => {
  expect(await call(5000)).toEqual({ status: 502, body: { message: 'Internal server error' } });

  await noWorkerIsLeft();
});
