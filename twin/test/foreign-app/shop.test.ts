// The twin runs an app that it has never seen, from a request to the table and back, and leaves nothing behind.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTwin, type Twin } from '@weir/twin';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { descendantsOf } from '../support/processes.ts';
import { synthesizeShop } from './shop.ts';

// Within the project, as a CDK app writes it, so that functions find the modules of the project.
const project = mkdtempSync(join(import.meta.dirname, 'cdk.out-'));
const assembly = join(project, 'cdk.out');
const folder = join(project, 'data');
const reports: string[] = [];
let twin: Twin;

beforeAll(async () => {
  synthesizeShop(assembly);
  twin = await startTwin(assembly, { folder, report: (problem) => reports.push(problem) });
});
afterAll(async () => {
  await twin.stop();
  rmSync(project, { recursive: true });
});

const post = (order: object) => fetch(`${twin.url}/orders`, { method: 'POST', body: JSON.stringify(order) });
const get = (path: string) => fetch(`${twin.url}${path}`);
const jsonOf = async (path: string) => (await get(path)).json() as Promise<Record<string, object>>;
const stored = (id: string) =>
  eventually(
    () => get(`/orders/${id}`),
    ({ status }) => status === 200,
  );

it('an order goes through the queue into the table, and is read back', async () => {
  expect((await get('/orders/1')).status).toBe(404);

  const accepted = await post({ id: '1', item: 'a lamp' });

  expect([accepted.status, await accepted.json()]).toEqual([202, { id: '1' }]);
  expect(await (await stored('1')).json()).toEqual({ id: '1', item: 'a lamp' });
});

it('a message that the function fails comes back alone', async () => {
  await post({ item: 'nobody knows whose' });
  await eventually(
    async () => reports,
    (lines) => lines.some((line) => /1 of \d messages? comes? back/.test(line)),
  );
  await post({ id: '2', item: 'a chair' });

  expect((await stored('2')).status).toBe(200);
});

it('a function may do what its role grants, and nothing else', async () => {
  const answer = await post({ id: '1', peek: true });

  expect(await answer.json()).toEqual({ failure: 'AccessDeniedException' });
  expect(reports).toContainEqual(
    expect.stringMatching(/denied a call\. Nothing of .* grants dynamodb:GetItem on /),
  );
});

it('a path that no method has is refused as API Gateway does', async () => {
  const answer = await get('/nowhere');

  expect([answer.status, await answer.json()]).toEqual([403, { message: 'Missing Authentication Token' }]);
});

it('the pages are beside the API, and name functions as the template does', async () => {
  const { pages } = await jsonOf('/_twin');
  const functions = await jsonOf('/_twin/functions');
  const { queue_mappings } = await jsonOf('/_twin/state');

  expect(Object.keys(pages ?? {})).toContain('GET /_twin/clock');
  expect(Object.keys(functions)).toEqual([
    expect.stringMatching(/^Shop-Take/),
    expect.stringMatching(/^Shop-Store/),
    expect.stringMatching(/^Shop-Show/),
  ]);
  expect(Object.values(queue_mappings ?? {})).toMatchObject([
    { function: expect.stringMatching(/^Shop-Store/) },
  ]);
});

it('a function is invoked by its logical id, and fails by a fault rule that names it', async () => {
  const [show] = twin.template
    .resources('AWS::Lambda::Function')
    .filter(({ logicalId }) => logicalId.startsWith('Show'));
  const event = { pathParameters: { id: '1' } };
  const invoke = () => twin.invoke(show?.logicalId ?? '', event);
  expect(await invoke()).toMatchObject({ statusCode: 200 });

  const fault = twin.faults.inject({
    on: { caller: show?.name ?? '', service: 'dynamodb' },
    do: { kind: 'throttle' },
  });

  await expect(invoke()).rejects.toThrow('ProvisionedThroughputExceededException');
  fault.remove();
  expect(await invoke()).toMatchObject({ statusCode: 200 });
});

it('a start says in a line each what of the template it does not run, and no more', () => {
  const notRun = reports.filter((line) => line.includes('is not run by the twin'));

  expect(notRun).toEqual([
    expect.stringMatching(/^AWS::DynamoDB::Table\.ProvisionedThroughput\.ReadCapacityUnits /),
    expect.stringMatching(/^AWS::DynamoDB::Table\.ProvisionedThroughput\.WriteCapacityUnits /),
  ]);
});

it('what is stored is there after a restart, and the end leaves nothing running', async () => {
  const before = descendantsOf(process.pid).map(({ pid }) => pid);
  await twin.stop();
  const after = descendantsOf(process.pid).filter(({ pid }) => before.includes(pid));
  expect(after.filter(({ command }) => command.includes('dynoxide'))).toEqual([]);
  expect(existsSync(join(folder, 'twin.pid'))).toBe(false);

  twin = await startTwin(assembly, { folder, report: (problem) => reports.push(problem) });

  expect((await get('/orders/1')).status).toBe(200);
});

it('the example of the README runs as it stands there', async () => {
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync('twin/README.md', 'utf8')) ?? [];
  expect(example.split('\n').length).toBeLessThanOrEqual(12);
  writeFileSync(join(project, 'example.ts'), example);

  const child = spawn(process.execPath, ['example.ts'], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  const [exitCode] = await once(child, 'close');

  expect(printed).toMatch(/^http:\/\/127\.0\.0\.1:\d+ answers 202$/m);
  expect(exitCode).toBe(0);
});
