// Whose usage a request counts against: the API key that was presented, if it is known, enabled and attached
// to a plan of this stage.

import type { ApiKeys } from '../control/api-keys.ts';
import type { ApiDefinition } from './api-definition.ts';
import type { Authorization } from './authorize.ts';
import type { PresentedKey } from './events.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { GatewayRefusal } from './gateway-responses.ts';

export function checkApiKey(
  api: ApiDefinition,
  apiKeys: Pick<ApiKeys, 'find' | 'plansOf'>,
  exchange: Exchange,
  authorization: Authorization | undefined,
): PresentedKey {
  const value =
    api.apiKeySource === 'AUTHORIZER' ? authorization?.usageIdentifierKey : headerOf(exchange, 'x-api-key');
  const key = value === undefined ? undefined : apiKeys.find(value);
  const attached =
    key !== undefined && apiKeys.plansOf(key.id).some((planId) => api.usagePlanIds.includes(planId));
  if (key === undefined || !key.enabled || !attached)
    throw new GatewayRefusal('INVALID_API_KEY', authorization?.context);
  return { apiKey: key.value, apiKeyId: key.id };
}
