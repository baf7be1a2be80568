// `import { startWeirTwin } from 'weir-twin'`: a twin in a process of its own, for the setup of a test suite.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type Account = {
  readonly account_id: string;
  readonly environment: string;
  readonly api_key: string;
  readonly scopes: readonly string[];
};

export type GoodEvent = {
  readonly account: string;
  readonly environment: string;
  readonly batch: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read any field of an event
  readonly event: any;
};

export type BadEvent = {
  readonly kind: 'rejected' | 'unreadable' | 'quarantined';
  readonly account: string;
  readonly environment: string;
  readonly code: string;
  readonly field?: string;
  readonly message?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read any field of an event
  readonly event?: any;
  readonly count: number;
};

/** As the pages have them: type, user_id, account, metadata.PATH, since, limit, … */
export type Filters = Readonly<Record<string, string | number>>;

export type WeirTwin = {
  readonly url: string;
  readonly accounts: readonly Account[];
  good(filters?: Filters): Promise<readonly GoodEvent[]>;
  bad(filters?: Filters): Promise<readonly BadEvent[]>;
  /** Rejects at its timeout (5s), with what is there and what was rejected in the message. */
  wait(count: number, filters?: Filters): Promise<readonly GoodEvent[]>;
  reset(): Promise<void>;
  stop(): Promise<void>;
};

const patienceMs = 30_000;

/** Keeps no data. `port`: any free one without it. */
export async function startWeirTwin({ port = 0 }: { readonly port?: number } = {}): Promise<WeirTwin> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-twin-'));
  const readyFile = join(folder, 'ready.json');
  const program = fileURLToPath(new URL('./weir-twin.mjs', import.meta.url));
  const options = ['--memory', '--port', String(port), '--ready-file', readyFile];
  const child = spawn(process.execPath, [program, ...options], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = `${complaints}${text}`.slice(-2000);
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const ready = readReady(readyFile);
    if (ready !== undefined) return { ...ready, ...pagesOf(ready.url), stop };
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`The twin did not start. ${complaints}`);
    }
    await sleep(20);
  }
}

type Ready = Pick<WeirTwin, 'url' | 'accounts'>;

/** Undefined while it is not there, or not all of it. */
function readReady(file: string): Ready | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Ready;
  } catch {
    return undefined;
  }
}

function pagesOf(url: string): Omit<WeirTwin, 'url' | 'accounts' | 'stop'> {
  const ask = async <Answer>(method: string, page: string, query: Filters = {}): Promise<Answer> => {
    const parameters = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const answer = await fetch(`${url}/_weir/${page}?${parameters}`, { method });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /_weir/${page} answered ${answer.status}: ${text}`);
    return JSON.parse(text) as Answer;
  };
  return {
    good: (filters) => ask('GET', 'good', filters),
    bad: (filters) => ask('GET', 'bad', filters),
    wait: (count, filters) => ask('GET', 'wait', { ...filters, count }),
    reset: async () => {
      await ask('POST', 'reset');
    },
  };
}
