// A new version beside the one that is live: it takes its share of the requests, is counted by itself, and is taken back
// without a request that fails of it.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetAliasCommand, LambdaClient, UpdateAliasCommand } from '@aws-sdk/client-lambda';
import { afterAll, afterEach, expect } from 'vitest';
import { functionNameOf, liveAlias } from '../../../domain/system/stage-names.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { anyAnswer, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
let lambda: LambdaClient;
const folder = mkdtempSync(join(tmpdir(), 'weir-deploy-'));
const of = { FunctionName: functionNameOf('dev', 'read'), Name: liveAlias };

it.beforeAll(({ weir }) => {
  twin = weir.twin;
  lambda = new LambdaClient({
    endpoint: twin.proxyUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
  });
});
afterEach(() => point('1'));
afterAll(() => {
  lambda.destroy();
  rmSync(folder, { recursive: true });
});

/** As CodeDeploy does, or an operator who goes back. */
const point = (version: string, additional: Readonly<Record<string, number>> = {}) =>
  lambda.send(
    new UpdateAliasCommand({
      ...of,
      FunctionVersion: version,
      RoutingConfig: { AdditionalVersionWeights: additional },
    }),
  );

function publish(name: string, code: string): string {
  const codeFolder = join(folder, name);
  mkdirSync(codeFolder);
  writeFileSync(join(codeFolder, 'index.mjs'), code);
  return twin.functions.publishVersion('read', codeFolder);
}

const versionsOf = () => twin.functions.activity().read?.versions ?? {};

it('a canary that fails is counted by itself, and fails nobody once the alias is back', async () => {
  const { api_key } = await createAccountOn(twin, 'deploycanary', 'custom');
  const api = createApi(twin.url, api_key, anyAnswer);
  const read = async () => (await api.get('/v1/quarantine')).status;
  expect(await read()).toBe(200);

  const bad = publish('bad', "export const handler = async () => { throw new Error('bad'); };");
  expect(await read()).toBe(200);
  expect(versionsOf()[bad]).toBeUndefined();

  await point('1', { [bad]: 0.5 });
  const seen = new Set<number>();
  await eventually(
    async () => seen.add(await read()),
    (statuses) => statuses.size === 2,
  );
  expect(seen).toEqual(new Set([200, 503]));
  const canary = versionsOf()[bad];
  expect(canary?.invocations).toBeGreaterThan(0);
  expect(canary?.errors).toBe(canary?.invocations);
  expect(versionsOf()['1']?.errors).toBe(0);

  await point('1');
  for (let request = 0; request < 20; request += 1) expect(await read()).toBe(200);
  expect(versionsOf()[bad]).toEqual(canary);
});

it('a request under way ends on the version that it began with, while the alias moves on', async () => {
  const [begun, go] = [join(folder, 'begun'), join(folder, 'go')];
  const waiting = publish(
    'waiting',
    `import { existsSync, writeFileSync } from 'node:fs';
     export const handler = async (event, { functionVersion }) => {
       writeFileSync(${JSON.stringify(begun)}, '');
       while (!existsSync(${JSON.stringify(go)})) await new Promise((resolve) => setTimeout(resolve, 5));
       return { statusCode: 200, body: functionVersion };
     };`,
  );
  await point(waiting);
  const underWay = fetch(`${twin.url}/health`).then((answer) => answer.text());
  await eventually(
    async () => existsSync(begun),
    (is) => is,
  );

  await point('1');
  expect((await fetch(`${twin.url}/health`)).status).toBe(200);
  writeFileSync(go, '');

  expect(await underWay).toBe(waiting);
  const { FunctionVersion } = await lambda.send(new GetAliasCommand(of));
  expect(FunctionVersion).toBe('1');
});
