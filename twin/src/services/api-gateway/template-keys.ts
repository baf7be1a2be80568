// The API keys that the template makes, and the usage plans it attaches them to. Each start deploys them anew
// beside those that an operator made.

import type { Resource, Template } from '../../template/template.ts';
import type { ApiKeys } from './api-keys.ts';

export class ApiKeyNotModelled extends Error {
  override readonly name = 'ApiKeyNotModelled';
}

type PlanKeyProperties = { readonly UsagePlanId: string; readonly KeyId: string; readonly KeyType: string };

export async function deployTemplateKeys(template: Template, apiKeys: ApiKeys): Promise<void> {
  const keys = template.resources('AWS::ApiGateway::ApiKey').map(readKey);
  const planIds = template.resources('AWS::ApiGateway::UsagePlan').map(({ reference }) => reference);
  const planKeys = template.resources('AWS::ApiGateway::UsagePlanKey').map(({ logicalId, properties }) => {
    const { UsagePlanId: planId, KeyId: keyId, KeyType: keyType } = properties as PlanKeyProperties;
    if (keyType !== 'API_KEY')
      throw new ApiKeyNotModelled(`${logicalId}: keys of type ${keyType} are not modelled.`);
    if (!planIds.includes(planId))
      throw new ApiKeyNotModelled(`${logicalId}: the template has no usage plan ${planId}.`);
    if (!keys.some(({ id }) => id === keyId))
      throw new ApiKeyNotModelled(`${logicalId}: the template has no API key ${keyId}.`);
    return { planId, keyId };
  });
  await apiKeys.deploy({ keys, planKeys });
}

function readKey({ reference, properties: { Name, Value, Enabled } }: Resource) {
  return {
    id: reference,
    name: String(Name ?? reference),
    enabled: Enabled === true,
    ...(Value !== undefined && { value: String(Value) }),
  };
}
