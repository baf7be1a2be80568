// A twin in memory in a process of its own, with accounts, so that the load of a bench does not share its thread.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setAccount } from '../../cli/account/set.ts';
import type { Limits, TierName } from '../../domain/accounts/tiers.ts';
import { startWeir } from '../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../test/support/accounts.ts';

export type Accounts = Readonly<
  Record<string, { readonly name: string; readonly tier: TierName; readonly limits?: Partial<Limits> }>
>;

type Served<Role extends string> = {
  readonly url: string;
  readonly pid: number;
  readonly keys: Readonly<Record<Role, string>>;
};

/** What the child process does. */
export async function serveAccounts(folder: string, accounts: Accounts): Promise<void> {
  const twin = await startWeir({ memory: true, folder, report: () => {} });
  const keys: Record<string, string> = {};
  const operator = { ...(await operatorOf(twin)), clock: twin.clock };
  for (const [role, { name, tier, limits }] of Object.entries(accounts)) {
    keys[role] = (await createAccountOn(twin, name, tier)).api_key;
    if (limits) await setAccount(operator, name, { limits });
  }
  console.log(JSON.stringify({ url: twin.url, keys }));
}

/** Starts the bench again, with `--serve` and a folder, and ends it after the work. */
export async function withServed<Role extends string>(
  bench: string,
  work: (served: Served<Role>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  const child = spawn(process.execPath, [bench, '--serve', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  try {
    await work({ pid: child.pid ?? 0, ...(await firstLine(child)) } as Served<Role>);
  } finally {
    child.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true });
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<object> {
  if (stdout) for await (const line of createInterface({ input: stdout })) return JSON.parse(line);
  throw new Error('The twin did not start.');
}
