// Where functions have too few environments, calls wait: by whom they are made, and until when, the gateway says.

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { expect, it } from 'vitest';
import type { InvokeOptions, Invoker } from '../../../src/core/invocation.ts';
import { functionArn } from '../../fixture.ts';
import { planKey, policy, startGateway } from './fixture.ts';
import { rawRequest } from './raw-request.ts';

const allowed = policy('Allow', '*', { usageIdentifierKey: planKey.value });

/** Every call of a function, by its name. The function behind the methods never answers, like one that waits. */
async function startWaiting(waits: 'serve' | 'authorize' = 'serve') {
  const calls: (InvokeOptions & { readonly name: string })[] = [];
  const called = Promise.withResolvers<void>();
  const functions: Invoker = {
    invoke: (arn, _event, options) => {
      const name = arn === functionArn('serve') ? 'serve' : 'authorize';
      calls.push({ name, ...options });
      if (name !== waits) return Promise.resolve(allowed);
      called.resolve();
      return new Promise((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason));
      });
    },
  };
  const gateway = await startGateway({}, {}, undefined, { functions });
  return { ...gateway, calls, called: called.promise };
}

it('a call is abandoned once its integration has timed out', async () => {
  const { url, calls, reports } = await startWaiting();

  expect((await rawRequest(`${url}/items`)).status).toBe(504);

  expect(calls.map(({ signal }) => signal?.aborted)).toEqual([true]);
  expect(reports).toEqual([]);
});

it('a call of the authorizer is abandoned once the time of the integration is over', async () => {
  const { url, calls, reports } = await startWaiting('authorize');

  expect((await rawRequest(`${url}/guarded`, { headers: { 'x-api-key': 'secret' } })).status).toBe(500);

  expect(calls.map(({ name, signal }) => [name, signal?.aborted])).toEqual([['authorize', true]]);
  expect(reports).toEqual([]);
});

it('a call is abandoned once its client has gone', async () => {
  const { url, calls, called, reports } = await startWaiting();
  const leaving = httpRequest(`${url}/items`).end();
  await called;
  const { signal } = calls[0] ?? {};
  const abandoned = signal && once(signal, 'abort');

  leaving.on('error', () => undefined);
  leaving.destroy();
  await abandoned;

  expect(signal?.aborted).toBe(true);
  expect(reports).toEqual([]);
});

it('the authorizer is called for a credential, and the function for the key that counts', async () => {
  const { url, calls } = await startWaiting();

  await rawRequest(`${url}/guarded`, { headers: { 'x-api-key': 'secret' } });

  expect(calls.map(({ name, caller }) => [name, caller])).toEqual([
    ['authorize', 'secret'],
    ['serve', planKey.id],
  ]);
});
