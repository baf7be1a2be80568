import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { LambdaSettling, SettleUnavailable } from '../../../../adapters/quarantine/lambda-settling.ts';
import type { SettleRequest } from '../../../../domain/quarantine/quarantine.ts';

const request: SettleRequest = {
  action: 'replay',
  lane: { tenant: { account: 'acme', environment: 'production', generation: 0 }, slot: 0, late: false },
  record: 'BATCH.0',
  receivedAtMs: 1,
};

async function withLambda(answer: object | Error): Promise<{ sent: unknown; settled: Promise<unknown> }> {
  const lambda = mockClient(LambdaClient);
  if (answer instanceof Error) lambda.on(InvokeCommand).rejects(answer);
  else lambda.on(InvokeCommand).resolves(answer);
  const settled = new LambdaSettling('weir-dev-settle', 1000, { region: 'us-east-1' }).settle(request);
  await settled.catch(() => {});
  const sent = lambda.commandCalls(InvokeCommand).map(({ args }) => args[0].input);
  lambda.restore();
  return { sent, settled };
}
const payload = (value: unknown) => Buffer.from(JSON.stringify(value));

it('asks the function once, and passes its answer on', async () => {
  const { sent, settled } = await withLambda({ Payload: payload({ outcome: 'busy' }) });

  expect(await settled).toEqual({ outcome: 'busy' });
  expect(sent).toEqual([{ FunctionName: 'weir-dev-settle', Payload: JSON.stringify(request) }]);
});

it('says that the function crashed, and nothing of what it threw', async () => {
  const failure = { errorType: 'TypeError', errorMessage: 'cannot read ada@example.com' };
  const { settled } = await withLambda({ FunctionError: 'Unhandled', Payload: payload(failure) });

  expect(await settled).toEqual({ outcome: 'crashed' });
});

it('a function that is busy or out of reach is unavailable', async () => {
  const busy = Object.assign(new Error('rate exceeded'), { name: 'TooManyRequestsException' });
  const { settled } = await withLambda(busy);

  await expect(settled).rejects.toThrow(SettleUnavailable);
});

it('stops waiting for a function that takes longer', async () => {
  const silent = createServer(() => {});
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const settling = new LambdaSettling('weir-dev-settle', 50, {
    endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

  expect(await settling.settle(request)).toEqual({ outcome: 'under way' });
  silent.closeAllConnections();
  silent.close();
});
