// Each file of a data folder, damaged in each way, after a kill with data in it: the next start heals it without loss, or
// says what is damaged and what to do. What cannot be told is in the guide.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentOf, startKeeping } from '../support/keeping-twin.ts';

const root = mkdtempSync(join(tmpdir(), 'twin-damage-'));
const killed = join(root, 'killed');
const stopped = join(root, 'stopped');
const program = fileURLToPath(new URL('../support/keeping-twin.ts', import.meta.url));
let content: unknown;
let files: readonly string[];

async function fill(folder: string, round: string, how: 'kill' | 'stop'): Promise<unknown> {
  const child = spawn(process.execPath, [program, folder, round, how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [line] = await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await exited;
  return JSON.parse(String(line));
}

beforeAll(async () => {
  await fill(stopped, 'a', 'stop');
  cpSync(stopped, killed, { recursive: true });
  await fill(killed, 'b', 'kill');
  content = await fill(killed, 'c', 'kill');
  files = readdirSync(killed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(killed, join(entry.parentPath, entry.name)))
    .filter((name) => !/^(logs|inline-code)\b/.test(name));
}, 60_000);
afterAll(() => rmSync(root, { recursive: true }));

/** What the next start says, or `whole` where everything is there. */
async function startOn(good: string, file: string, damage: (path: string) => void): Promise<unknown> {
  const folder = mkdtempSync(join(root, 'damaged-'));
  cpSync(good, folder, { recursive: true });
  damage(join(folder, file));
  try {
    const twin = await startKeeping(folder);
    const found = await contentOf(twin);
    await twin.stop();
    return JSON.stringify(found) === JSON.stringify(content) ? 'whole' : found;
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const flipAt = (share: number) => (path: string) => {
  const bytes = readFileSync(path);
  const at = Math.floor(share * (bytes.length - 1));
  if (bytes.length > 0) bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
  writeFileSync(path, bytes);
};

const wholeOrTold =
  /^whole$|^[^:]+: .+ is damaged \(.+\)\. Move the whole data folder .+ or start with --memory/;

describe('a start after a kill', () => {
  it('finds everything', async () => {
    expect(await startOn(killed, '', () => undefined)).toBe('whole');
    expect(files.length).toBeGreaterThan(14);
  }, 30_000);

  it.each<[how: string, damage: (path: string) => void, told: readonly RegExp[]]>([
    [
      'is cut in half',
      (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
      [
        /\.log$/,
        /MANIFEST/,
        /\.ldb$/,
        /sqlite$/,
        /-wal$/,
        /api-gateway/,
        /checkpoints/,
        /buckets\/files\/\w{64}/,
      ],
    ],
    [
      'is emptied',
      (path) => writeFileSync(path, ''),
      [/\.log$/, /MANIFEST/, /\.ldb$/, /CURRENT/, /sqlite$/, /-wal$/, /api-gateway/, /checkpoints/],
    ],
    [
      'is gone',
      (path) => rmSync(path),
      [
        /\.log$/,
        /MANIFEST/,
        /\.ldb$/,
        /CURRENT/,
        /sqlite$/,
        /-wal$/,
        /api-gateway/,
        /buckets\/files\/\w{64}/,
      ],
    ],
    [
      'has another byte in its middle',
      (path) => (path.endsWith('.sqlite') ? undefined : flipAt(0.5)(path)),
      [/\.log$/, /MANIFEST/, /\.ldb$/, /-wal$/, /api-gateway/, /checkpoints/, /buckets\/files\/\w{64}/],
    ],
    [
      'has another last byte',
      (path) => (path.endsWith('.sqlite') ? undefined : flipAt(1)(path)),
      [/\.log$/, /MANIFEST/, /\.ldb$/, /buckets\/files\/\w{64}/],
    ],
  ])(
    'heals or tells of each file that %s',
    async (_how, damage, told) => {
      const said: Record<string, unknown> = {};
      const left = [...files];
      const look = async () => {
        for (let file = left.pop(); file !== undefined; file = left.pop())
          said[file] = await startOn(killed, file, damage);
      };
      await Promise.all([look(), look(), look()]);

      const silent = Object.entries(said).filter(([, what]) => !wholeOrTold.test(String(what)));
      expect(silent).toEqual([]);
      for (const name of told) {
        const whole = Object.entries(said).filter(([file, what]) => name.test(file) && what === 'whole');
        expect(whole).toEqual([]);
      }
    },
    120_000,
  );
});

it.each([0.1, 0.3, 0.5, 0.7, 0.9])(
  'a start after a stop tells of any byte of the tables: %d',
  async (share) => {
    expect(await startOn(stopped, 'dynamodb.sqlite', flipAt(share))).toMatch(
      /dynamodb\.sqlite is damaged \(it does not hold what it did when it was closed\)/,
    );
  },
);
