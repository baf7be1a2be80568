// The cost of checking a call against its role: the permission step alone, for calls that functions make, as ratios to
// parsing the JSON of the call, which the proxy does anyway. `npm run bench:permissions`.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Permissions, Roles } from '@weir/twin/enforcement';
import { type AwsCall, jsonAnswer } from '@weir/twin/parts';
import { createTemplate, loadAssembly } from '@weir/twin/template';
import { synthesize } from '../local/synthesize.ts';
import { functionVerb } from '../local/weir.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-permissions-'));
const project = join(import.meta.dirname, '..');
const template = createTemplate(
  loadAssembly(await synthesize({ project, stage: 'dev', folder })),
  functionVerb,
);
const table = (part: string) =>
  template.resources('AWS::DynamoDB::Table').find(({ logicalId }) => logicalId.includes(part))?.name;

const { roles, readMs } = timedRoles();
const permissions = new Permissions({ template, roles, explained: [], report: console.error });

const text = (S: string) => ({ S });
const put = (index: number) => ({
  Put: { TableName: table('Ledger'), Item: { pk: text('p'), sk: text(`${index}`) } },
});
const insert = (index: number) => ({
  Statement: `INSERT INTO "${table('Identities')}" VALUE {'pk': ?, 'owner': ?}`,
  Parameters: [text(`${index}`), text('owner')],
});
const many = <T>(count: number, one: (index: number) => T) =>
  Array.from({ length: count }, (_, at) => one(at));
const calls: Readonly<Record<string, readonly [string, string, object]>> = {
  GetItem: ['authorize', 'GetItem', { TableName: table('Accounts'), Key: { pk: text('a'), sk: text('b') } }],
  'GetItem under a condition': [
    'ingest',
    'GetItem',
    { TableName: table('Ledger'), Key: { pk: text('platform#keys'), sk: text('-') } },
  ],
  '25 statements': ['consume', 'BatchExecuteStatement', { Statements: many(25, insert) }],
  'transaction of 100': ['consume', 'TransactWriteItems', { TransactItems: many(100, put) }],
};

console.log(`reading the roles, once: ${readMs.toFixed(1)} ms\n`);
console.log('call                        step, µs   of parsing its JSON');
for (const [name, [caller, operation, input]] of Object.entries(calls)) {
  const body = JSON.stringify(input);
  const call = (): AwsCall => ({
    ...{ method: 'POST', url: '/', headers: {}, service: 'dynamodb', caller, operation },
    body: Buffer.from(body),
  });
  const parse = () => JSON.parse(Buffer.from(body).toString());
  const answer = jsonAnswer(200, {});
  let answered = 0;
  const next = async () => {
    answered += 1;
    return answer;
  };
  const rounds = 3000;
  const timed = async (work: () => unknown) => {
    for (let round = 0; round < rounds; round += 1) await work();
    const startedMs = performance.now();
    for (let round = 0; round < rounds; round += 1) await work();
    return ((performance.now() - startedMs) * 1000) / rounds;
  };
  // The step parses the body too, because it is the first to read it. That part is subtracted.
  const parsing = await timed(parse);
  const step = (await timed(() => permissions.step(call(), next))) - parsing;
  if (answered !== rounds * 2)
    throw new Error(`${name} was denied. Replace it by a call that the roles allow.`);
  console.log(`${name.padEnd(26)} ${step.toFixed(1).padStart(9)}   ${(step / parsing).toFixed(1)}x`);
}
rmSync(folder, { recursive: true });

function timedRoles(): { readonly roles: Roles; readonly readMs: number } {
  const startMs = performance.now();
  const roles = new Roles(template);
  return { roles, readMs: performance.now() - startMs };
}
