// How long `weir account list` takes with 10,000 accounts in the twin, against the same with 100: a page reads its own
// accounts, however many there are. `npm run bench:accounts`, or with another number of accounts after `--`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount } from '../cli/account/create.ts';
import type { Operator } from '../cli/operator.ts';
import { mapBounded } from '../domain/system/bounded.ts';
import { startWeir } from '../local/weir.ts';
import { operatorOf } from '../test/support/accounts.ts';
import { report } from './support/held.ts';

const few = 100;
const many = Number(process.argv[2] ?? 10_000);
const rounds = 5;
const atOnce = 8;
/** Of the usual page, of 100. */
const mostPageMs = 1000;
/** To what an account of a page took when there were few. */
const mostRatio = 3;

const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
const twin = await startWeir({ memory: true, folder, report: () => {} });
try {
  const operator = await operatorOf(twin);
  await create(operator, 0, few);
  const before = {
    page: await median(() => operator.accounts.page({ count: few })),
    command: await median(list),
  };
  const startedMs = performance.now();
  await create(operator, few, many);
  const tookMs = performance.now() - startedMs;
  console.log(`${many} accounts created, ${atOnce} at once: ${(tookMs / (many - few)).toFixed(1)} ms each`);

  for (const count of [few, 1000].filter((size) => size <= many)) {
    for (const [place, after] of [
      ['first', undefined],
      ['middle', idOf(many / 2)],
      ['last', idOf(many - count - 1)],
    ] as const) {
      const pageMs = await median(() => operator.accounts.page({ count, after }));
      const what = `the ${place} page of ${count}`;
      console.log(`${what}: ${pageMs.toFixed(0)} ms`);
      const ratio = pageMs / count / (before.page / few);
      report('accounts', [
        { what: `times as long for an account of ${what}`, figure: ratio, most: mostRatio },
        ...(count === few ? [{ what: `ms for ${what}`, figure: pageMs, most: mostPageMs }] : []),
      ]);
    }
  }
  const commandMs = await median(list);
  console.log(`the command, weir account list: ${commandMs.toFixed(0)} ms`);
  const ratio = commandMs / before.command;
  report('accounts', [{ what: 'times as long for the command', figure: ratio, most: mostRatio }]);
} finally {
  await twin.stop();
  rmSync(folder, { recursive: true });
}

function idOf(index: number): string {
  return `account-${String(Math.floor(index)).padStart(6, '0')}`;
}

async function create(by: Operator, from: number, to: number): Promise<void> {
  const indexes = Array.from({ length: to - from }, (_, index) => from + index);
  await mapBounded(indexes, atOnce, (index) =>
    createAccount(by, {
      account_id: idOf(index),
      environment: 'production',
      tier: 'standard',
      scopes: ['ingest', 'read'],
    }),
  );
}

/** With the start of Node. The twin runs in this process, which has to go on meanwhile. */
async function list(): Promise<void> {
  const argv = ['bin/weir.ts', 'account', 'list', '--endpoint', twin.proxyUrl];
  const child = spawn(process.execPath, argv, { stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`weir account list ended with ${code}.`);
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now();
    await work();
    times.push(performance.now() - startedMs);
  }
  return times.toSorted((one, other) => one - other)[Math.floor(rounds / 2)] ?? 0;
}
