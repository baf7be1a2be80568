import {
  APIGatewayClient,
  ConflictException,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  GetApiKeysCommand,
  GetUsagePlansCommand,
  NotFoundException,
} from '@aws-sdk/client-api-gateway';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ApiGatewayPlanKeys } from '../../../../adapters/accounts/api-gateway-plan-keys.ts';
import { workTimeouts } from '../../../../adapters/aws/client-options.ts';

const key = { id: 'k1', value: 'value' };
const conflict = new ConflictException({ $metadata: {}, message: 'already exists' });

let gateway: ReturnType<typeof mockClient>;
beforeEach(() => {
  gateway = mockClient(APIGatewayClient);
});
afterEach(() => gateway.restore());
const planKeys = new ApiGatewayPlanKeys('prod', workTimeouts, { region: 'us-east-1' });

it('a plan key carries the tags of its stage, because no stack contains it', async () => {
  gateway.on(CreateApiKeyCommand).resolves({ id: 'k1' });

  expect(await planKeys.create('weir-prod-acme', 'value')).toEqual(key);

  expect(gateway.commandCalls(CreateApiKeyCommand)[0]?.args[0].input).toEqual({
    name: 'weir-prod-acme',
    value: 'value',
    enabled: true,
    tags: { application: 'weir', stage: 'prod' },
  });
});

it('finds the keys of exactly a name, on all pages', async () => {
  gateway
    .on(GetApiKeysCommand, { nameQuery: 'weir-prod-acme', includeValues: true })
    .resolvesOnce({ items: [{ ...key, name: 'weir-prod-acme' }], position: 'next' })
    .resolvesOnce({
      items: [
        { id: 'k2', value: 'other', name: 'weir-prod-acme-2' },
        { id: 'k3', value: 'third', name: 'weir-prod-acme' },
      ],
    });

  expect(await planKeys.find('weir-prod-acme')).toEqual([key, { id: 'k3', value: 'third' }]);
});

it('attaches a key to a plan, also if it is attached already, and to no second one', async () => {
  gateway.on(CreateUsagePlanKeyCommand).resolvesOnce({}).rejects(conflict);
  gateway.on(GetUsagePlansCommand, { keyId: 'k1' }).resolves({ items: [{ id: 'p1' }] });

  await planKeys.attach(key, 'p1');
  await planKeys.attach(key, 'p1');
  await expect(planKeys.attach(key, 'p2')).rejects.toBe(conflict);

  expect(gateway.commandCalls(CreateUsagePlanKeyCommand)[0]?.args[0].input).toEqual({
    usagePlanId: 'p1',
    keyId: 'k1',
    keyType: 'API_KEY',
  });
  gateway.on(GetUsagePlansCommand).resolves({});
  expect(await planKeys.planOf(key)).toBeUndefined();
});

it('removes a key, also if it is gone', async () => {
  gateway
    .on(DeleteApiKeyCommand, { apiKey: 'k1' })
    .resolvesOnce({})
    .rejectsOnce(new NotFoundException({ $metadata: {}, message: 'Invalid API Key identifier specified' }))
    .rejects(conflict);

  await planKeys.remove(key);
  await planKeys.remove(key);
  await expect(planKeys.remove(key)).rejects.toBe(conflict);
});
