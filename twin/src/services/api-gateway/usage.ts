// Whose usage a request counts against: the API key that was presented, if it is known, enabled and attached
// to a plan of this stage, and that plan.

import type { ApiDefinition } from './api-definition.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Authorization } from './authorize.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { GatewayRefusal } from './gateway-responses.ts';
import type { Client } from './limits/limits.ts';

export function checkApiKey(
  api: ApiDefinition,
  apiKeys: Pick<ApiKeys, 'find' | 'plansOf'>,
  exchange: Exchange,
  authorization: Authorization | undefined,
): Client {
  const value =
    api.apiKeySource === 'AUTHORIZER' ? authorization?.usageIdentifierKey : headerOf(exchange, 'x-api-key');
  const key = value === undefined ? undefined : apiKeys.find(value);
  const planIds = key === undefined ? [] : apiKeys.plansOf(key.id);
  // AWS lets a key be on one plan of a stage only: the one it was attached to first.
  const [plan] = planIds.flatMap((id) => api.usagePlans.filter(({ planId }) => planId === id));
  if (key === undefined || !key.enabled || plan === undefined) throw new GatewayRefusal('INVALID_API_KEY');
  return { key: { apiKey: key.value, apiKeyId: key.id }, plan };
}
