import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it, onTestFinished } from 'vitest';
import { PlanKeys } from '../../../../adapters/accounts/api-gateway-plan-keys.ts';
import { workTimeouts } from '../../../../adapters/aws/client-options.ts';

it('a plan key carries the tags of its stage, because no stack contains it', async () => {
  const gateway = mockClient(APIGatewayClient);
  onTestFinished(() => gateway.restore());
  gateway.on(CreateApiKeyCommand).resolves({ id: 'k1' }).on(CreateUsagePlanKeyCommand).resolves({});

  await new PlanKeys('prod', workTimeouts, { region: 'us-east-1' }).attach('weir-prod-acme', 'secret', 'p1');

  expect(gateway.commandCalls(CreateApiKeyCommand)[0]?.args[0].input.tags).toEqual({
    application: 'weir',
    stage: 'prod',
  });
  expect(gateway.commandCalls(CreateUsagePlanKeyCommand)[0]?.args[0].input).toMatchObject({
    usagePlanId: 'p1',
    keyId: 'k1',
  });
});
