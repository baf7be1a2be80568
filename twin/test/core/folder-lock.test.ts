import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFolderLock, FolderInUse } from '../../src/core/folder-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const owner = () => readFileSync(join(folder, 'twin.pid'), 'utf8').trim();

/** No process has this id. */
const gone = '2000000000\n';

/** Locks when it is told to, says how that went, and holds on until its input ends. */
async function otherProcess() {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const { createFolderLock } = await import(process.argv[1]);
       const lock = createFolderLock(process.argv[2]);
       process.stdin.once('data', () => lock.start().then(() => console.log('got it'), (error) => console.log(error.name)));
       console.log('ready');`,
      join(process.cwd(), 'twin/src/core/folder-lock.ts'),
      folder,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    lock: async () => {
      child.stdin.write('now\n');
      return (await lines.next()).value as string;
    },
    end: async () => {
      const exit = once(child, 'exit');
      child.stdin.end();
      await exit;
    },
  };
}

it('lets one process open a folder once at a time, also where two try at once', async () => {
  const locks = [createFolderLock(folder), createFolderLock(join(folder, '.'))];

  const starts = await Promise.allSettled(locks.map((lock) => lock.start()));

  expect(starts.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  await locks[0]?.end();
  await locks[1]?.start();
  await locks[1]?.end();
});

it('says which process has the folder, and what to do', async () => {
  const other = await otherProcess();
  expect(await other.lock()).toBe('got it');

  const start = createFolderLock(folder).start();

  await expect(start).rejects.toThrow(FolderInUse);
  await expect(start).rejects.toThrow(`is in use by process ${owner()}. Stop it, or start with --memory`);
  await other.end();
});

it.each(['twin.pid', 'twin.pid.claim'])('takes over a %s that a killed twin left behind', async (name) => {
  writeFileSync(join(folder, name), gone);
  const lock = createFolderLock(folder);

  await lock.start();

  expect(owner()).toBe(String(process.pid));
  await lock.end();
});

it('takes over the lock of a killed twin that had the id of this process', async () => {
  writeFileSync(join(folder, 'twin.pid'), `${process.pid}\n`);
  const lock = createFolderLock(folder);

  await lock.start();
  await lock.end();
});

it('goes to exactly one of several processes that ask at once, also for what a killed one left', async () => {
  writeFileSync(join(folder, 'twin.pid'), gone);
  const others = await Promise.all(Array.from({ length: 6 }, otherProcess));

  const outcomes = await Promise.all(others.map(({ lock }) => lock()));

  expect(outcomes.toSorted()).toEqual([...Array.from({ length: 5 }, () => 'FolderInUse'), 'got it']);
  await Promise.all(others.map(({ end }) => end()));
});
