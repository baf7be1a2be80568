import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DynamoDbEngine } from '../../../src/services/dynamodb/engine.ts';
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
