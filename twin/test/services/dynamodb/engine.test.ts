import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DynamoDbEngine } from '../../../src/services/dynamodb/engine.ts';
import { findDynamoDb } from '../../../src/services/dynamodb/find-engine.ts';
import { eventually } from '../../support/eventually.ts';
import { descendantsOf } from '../../support/processes.ts';

it('tells of an engine that was lost what to do, and nothing that the engine said in greeting', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-dynamodb-'));
  const losses: string[] = [];
  const engine = new DynamoDbEngine({ folder, onLoss: (message) => losses.push(message) });
  await engine.start();

  for (const { pid, command } of descendantsOf(process.pid))
    if (command.includes(folder)) process.kill(pid, 'SIGKILL');

  await eventually(
    async () => losses,
    ({ length }) => length > 0,
  );
  expect(losses).toEqual([
    'the DynamoDB engine ended by itself (SIGKILL). Start again; what was acknowledged is kept.',
  ]);
  await engine.end();
  rmSync(folder, { recursive: true });
});

it.each([
  ['once', 1, undefined],
  ['each time', 9, /already in use/],
])('takes another port where somebody else was faster %s', async (_, faster, failure) => {
  const source = findDynamoDb();
  if (source.kind !== 'binary') throw new Error('There is no engine here.');
  const folder = mkdtempSync(join(tmpdir(), 'weir-dynamodb-'));
  const [path, tries] = [join(folder, 'engine'), join(folder, 'tries')];
  const script = `#!/bin/sh
echo try >> ${tries}
count=0
while read -r _; do count=$((count + 1)); done < ${tries}
if [ $count -le ${faster} ]; then echo 'error: port 1 is already in use' >&2; exit 1; fi
exec ${source.path} "$@"
`;
  writeFileSync(path, script, { mode: 0o755 });
  const engine = new DynamoDbEngine({ onLoss: () => {}, source: { ...source, path } });

  if (failure) await expect(engine.start()).rejects.toThrow(failure);
  else await engine.start();

  expect(readFileSync(tries, 'utf8').split('\n')).toHaveLength(failure ? 4 : 3);
  await engine.end();
  rmSync(folder, { recursive: true });
});
