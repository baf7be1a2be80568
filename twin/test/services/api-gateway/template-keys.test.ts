import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiKeys } from '../../../src/services/api-gateway/api-keys.ts';
import { createApiGatewayControl } from '../../../src/services/api-gateway/control-plane.ts';
import { deployTemplateKeys } from '../../../src/services/api-gateway/template-keys.ts';
import { templateOf } from '../../fixture.ts';

const value = 'v'.repeat(20);
const plan = { Type: 'AWS::ApiGateway::UsagePlan' };
const key = (properties: object) => ({
  Type: 'AWS::ApiGateway::ApiKey',
  Properties: { Enabled: true, ...properties },
});
const planKey = (
  KeyId: unknown = { Ref: 'Key' },
  UsagePlanId: unknown = { Ref: 'Plan' },
  KeyType = 'API_KEY',
) => ({
  Type: 'AWS::ApiGateway::UsagePlanKey',
  Properties: { KeyId, UsagePlanId, KeyType },
});
const [keyId, planId] = ['weir-test-Key', 'weir-test-Plan'];

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-keys-'));
  file = join(folder, 'api-gateway.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As each start does it: what was there is loaded, then what the template says is deployed. */
async function start(resources: Parameters<typeof templateOf>[0]) {
  const apiKeys = new ApiKeys(file);
  await apiKeys.load();
  const template = templateOf({ Plan: plan, ...resources });
  await deployTemplateKeys(template, apiKeys);
  return { apiKeys, template };
}

describe('an API key of the template', () => {
  it('is known by its value, on the plan it is attached to', async () => {
    const { apiKeys, template } = await start({ Key: key({ Name: 'probe', Value: value }), On: planKey() });

    expect(apiKeys.find(value)).toMatchObject({ id: keyId, name: 'probe', enabled: true });
    expect(apiKeys.plansOf(keyId)).toEqual([planId]);
    expect(template.unread()).toEqual([]);
  });

  it('is disabled unless the template enables it', async () => {
    const { apiKeys } = await start({
      Key: { Type: 'AWS::ApiGateway::ApiKey', Properties: { Value: value } },
    });

    expect(apiKeys.find(value)?.enabled).toBe(false);
  });

  it('is there once after any number of starts, and on its plan once', async () => {
    const resources = { Key: key({ Value: value }), On: planKey() };
    await start(resources);
    await start(resources);
    const { apiKeys } = await start(resources);

    expect(apiKeys.plansOf(keyId)).toEqual([planId]);
    expect(apiKeys.get(keyId).value).toBe(value);
  });

  it('without a value is given one, keeps it over restarts, and tells it to who asks for it', async () => {
    const first = await start({ Key: key({}) });
    const { apiKeys } = await start({ Key: key({ Name: 'renamed' }) });

    const made = apiKeys.get(keyId);
    expect(made.value).toMatch(/^[0-9a-f]{40}$/);
    expect(made.value).toBe(first.apiKeys.get(keyId).value);
    const control = createApiGatewayControl(apiKeys, []);
    const asked = async (query: string) => {
      const { body } = await control({
        method: 'GET',
        url: `/apikeys/${keyId}${query}`,
        body: Buffer.alloc(0),
      });
      return JSON.parse(body.toString());
    };
    expect(await asked('?includeValue=true')).toEqual({
      id: keyId,
      name: 'renamed',
      enabled: true,
      value: made.value,
    });
    expect(await asked('')).not.toHaveProperty('value');
  });

  it('follows the template, and is gone when the template has it no more', async () => {
    await start({ Key: key({ Value: value }), On: planKey() });
    const changed = await start({ Key: key({ Value: 'w'.repeat(20) }) });
    expect([changed.apiKeys.find(value), changed.apiKeys.plansOf(keyId)]).toEqual([undefined, []]);
    expect(changed.apiKeys.find('w'.repeat(20))?.id).toBe(keyId);

    const { apiKeys } = await start({});

    expect(apiKeys.find('w'.repeat(20))).toBeUndefined();
  });

  it('leaves alone what an operator made', async () => {
    const { apiKeys } = await start({ Key: key({ Value: value }) });
    const made = await apiKeys.create({ name: 'acme', enabled: true });
    await apiKeys.attach(planId, made.id);

    const restarted = await start({});

    expect(restarted.apiKeys.find(made.value)).toEqual(made);
    expect(restarted.apiKeys.plansOf(made.id)).toEqual([planId]);
  });

  it('with a value that another key has fails the start, as it would fail the deployment', async () => {
    const resources = { Key: key({ Value: value }), Twin: key({ Value: value }) };

    await expect(start(resources)).rejects.toThrow('API Key already exists');
  });

  it('has properties that the twin does not run left unread', async () => {
    const { template } = await start({ Key: key({ StageKeys: [{ RestApiId: 'a', StageName: 'b' }] }) });

    expect(template.unread().map(({ path }) => path)).toEqual(['StageKeys.RestApiId', 'StageKeys.StageName']);
  });
});

it.each([
  ['a key', planKey('nobody'), 'On: the template has no API key nobody'],
  ['a plan', planKey(undefined, 'nowhere'), 'On: the template has no usage plan nowhere'],
  ['a kind of key', planKey(undefined, undefined, 'JWT'), 'On: keys of type JWT'],
])('attaching %s that is not there fails the start by its name', async (_name, On, reason) => {
  await expect(start({ Key: key({}), On })).rejects.toThrow(reason);
});
