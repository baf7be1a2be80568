// Every command of every runbook runs on a twin, by the words that it has for AWS. Trouble is made before: a record is in
// quarantine, a table refused, a consumer and a function were stopped. What a command changes is set back after it.

import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runCli } from '../../../cli/run.ts';
import { receivedAtOfBatchId } from '../../../domain/record/batch-id.ts';
import { type RunningWeir, startWeir } from '../../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { hurried } from '../../support/hurried.ts';
import { removeTwinFolder } from '../../support/logs.ts';
import { commandsOf } from '../../support/runbook-commands.ts';
import { poisonFor, streamOf } from '../../support/stream.ts';

const account = 'in-trouble';
const tenant = { account, environment: 'production' as const, generation: 0 };
const folder = mkdtempSync(join(tmpdir(), 'weir-runbooks-'));
let twin: RunningWeir;
let api: Api;
let batchId: string;
beforeAll(async () => {
  twin = await startWeir({ ...hurried, folder, assembly: inject('assembly') });
  const { api_key } = await createAccountOn(twin, account, 'standard');
  api = createApi(twin.url, api_key);
  batchId = (await api.post('/v1/events', [{ type: 'in-trouble' }])).json.batch_id;
  expect((await api.post('/v1/events', [{}])).status).toBe(422);
  // Of whom it is told who is the busiest.
  const { functions } = await (await operatorOf(twin)).records();
  await functions.invoke('report', {});
});
afterAll(async () => {
  await twin.stop();
  removeTwinFolder(folder);
});

async function weir(words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: '', err: '' };
  const print = (where: 'out' | 'err') => (text: string) => {
    printed[where] += text;
  };
  const code = await runCli(['--endpoint', twin.proxyUrl, ...words], {
    out: print('out'),
    err: print('err'),
  });
  return { code, ...printed };
}

/** The newest record in quarantine. Without one, our own code throws at another. */
async function quarantined(): Promise<string> {
  const find = async () => (await api.get('/v1/quarantine')).json.quarantine;
  if ((await find()).length === 0) {
    const stream = streamOf(twin);
    const id = newId();
    await stream.put(tenant, poisonFor(tenant, id, receivedAtOfBatchId(id) ?? Number.NaN));
    stream.end();
  }
  const [{ record }] = await eventually(find, ({ length }) => length > 0, 30_000);
  return record;
}

let ids = 0;
const newId = (): string => {
  ids += 1;
  // Its time is in front.
  return `${batchId.slice(0, 17)}${String(ids).padStart(3, '0')}`;
};

/** A command of a runbook, about what is in trouble here. The stage has no priority stream and no probe. */
async function toWords(command: string): Promise<string[]> {
  const record = command.includes('BATCH.PART') ? await quarantined() : '';
  return command
    .replaceAll('consume-priority', 'consume')
    .replace('--function probe', '--function read')
    .replaceAll('ACCOUNT', account)
    .replaceAll('BATCH.PART', record)
    .replace('--payload one', `--payload ${join(folder, newId())}`)
    .split(/\s+/)
    .slice(1);
}

/** A consumer that is to be started is stopped before. */
const toTrouble = (words: readonly string[]): readonly string[] | undefined =>
  words[0] === 'consumer' && words[1] === 'start' ? ['consumer', 'stop', ...words.slice(2)] : undefined;

const toWayBack = (words: readonly string[], out: string): readonly string[] | undefined => {
  if (words[0] === 'consumer' && words[1] === 'stop') return ['consumer', 'start', ...words.slice(2)];
  if (words[0] === 'account' && words[1] === 'set')
    return ['account', 'set', '--account', account, '--tier', 'standard'];
  return /The way back: weir (.*)/.exec(out)?.[1]?.trim().split(' ');
};

async function expectDone(words: readonly string[]): Promise<string> {
  const { out, err, ...ended } = await weir(words);
  // Our code is not mended here: a replay fails as before, and says so.
  const code = words[1] === 'replay' && out.includes('our code failed at it, as before') ? 0 : ended.code;
  expect({ words, code, err: code === 0 ? '' : `${out}\n${err}` }).toEqual({ words, code: 0, err: '' });
  expect(out.trim(), words.join(' ')).not.toBe('');
  return out;
}

const root = join(import.meta.dirname, '..', '..', '..');
const read = (page: string) => commandsOf(readFileSync(join(root, page), 'utf8'));

it.each(globSync('docs/runbooks/*.md', { cwd: root }).toSorted())('%s', async (page) => {
  const commands = read(page).filter((command) => command.startsWith('weir '));
  expect(commands).not.toEqual([]);
  for (const command of commands) {
    const words = await toWords(command);
    const trouble = toTrouble(words);
    if (trouble) await expectDone(trouble);
    const wayBack = toWayBack(words, await expectDone(words));
    if (wayBack) await expectDone(wayBack);
  }
});

it('the words are those of a shell, once it knows weir', async () => {
  const [, onTwin = ''] = read('docs/runbooks/README.md').filter((line) => line.startsWith('weir() '));
  const defined = onTwin.replace('--local', `--endpoint ${twin.proxyUrl}`);

  const { stdout } = await promisify(execFile)('sh', ['-c', `${defined}\nweir consumers`], { cwd: root });
  expect(stdout).toMatch(/^consume +Enabled/m);
}, 30_000);
