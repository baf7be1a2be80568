// The engine of streams ends in an orderly way whatever is going on in it: in processes of their own, because what it
// used to do was to take the whole process along.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'weir-kinesis-'));
afterAll(() => rmSync(folder, { recursive: true }));

const script = (during: string) => `
import { callEngine } from './twin/src/core/engine-call.ts';
import { KinesisEngine } from './twin/src/services/kinesis/engine.ts';
for (let round = 0; round < 6; round += 1) {
  const engine = new KinesisEngine(${JSON.stringify(folder)} + '/' + process.pid + '-' + round);
  await engine.start();
  const ask = (operation, input) =>
    callEngine(engine.endpoint, 'kinesis', operation, { StreamName: 'events', ...input }).catch(() => undefined);
  await ask('CreateStream', { ShardCount: 2 });
  const Records = Array.from({ length: 200 }, (_, index) => ({ PartitionKey: 'k' + index, Data: 'AAAA' }));
  ${during}
  await engine.end();
}
console.log('ended');
`;

it.each([
  [
    'a shard was split a moment ago',
    "await ask('SplitShard', { ShardToSplit: 'shardId-000000000000', NewStartingHashKey: '1000' });",
  ],
  [
    'calls are under way',
    "for (let call = 0; call < 20; call += 1) void ask('PutRecords', { Records }).then(() => ask('ListShards', {}));",
  ],
  ['nothing goes on', ''],
])(
  'while %s',
  (_name, during) => {
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script(during)],
      { encoding: 'utf8' },
    );

    expect({ status, signal, stderr, stdout }).toEqual({
      status: 0,
      signal: null,
      stderr: '',
      stdout: 'ended\n',
    });
  },
  60_000,
);
