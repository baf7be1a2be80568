// Weir on this machine: its app is synthesized, the twin runs it, and accounts to begin with are made.

import { join } from 'node:path';
import { assertCanStart, startTwin, type Twin, type TwinOptions } from '@weir/twin';
import type { CreatedAccount } from '../cli/account/create.ts';
import { ensureDemoAccounts } from './demo-accounts.ts';
import { synthesize, useAssembly } from './synthesize.ts';
import { unusedGrants } from './unused-grants.ts';

export type WeirOptions = Pick<TwinOptions, 'port' | 'memory' | 'folder' | 'faults' | 'report' | 'onLoss'> & {
  /** Holds cdk.json. */
  readonly project?: string;
  readonly stage?: string;
  /** A cloud assembly that was made already; without one it is made, unless the sources are as they were. */
  readonly assembly?: string | undefined;
  /** Accounts to begin with, unless the folder holds some already. */
  readonly accountIds?: readonly string[];
};

export type RunningWeir = Twin & {
  readonly accounts: readonly CreatedAccount[];
  /** Of the cloud assembly that it runs. */
  readonly assemblyFolder: string;
};

/** Beside the API, as the documentation names them. */
export const pagesPath = '/_weir';

const projectFolder = join(import.meta.dirname, '..');

export async function startWeir(options: WeirOptions = {}): Promise<RunningWeir> {
  const { project = projectFolder, stage = 'dev', accountIds = [], assembly, ...ofTwin } = options;
  const { folder = join(project, '.weir'), memory = false } = options;
  const file = memory ? undefined : join(folder, 'demo-account.json');
  // Before a synthesis that would be in vain.
  if (assembly === undefined) await assertCanStart({ ...ofTwin, folder });
  const assemblyFolder = assembly ?? (await synthesize({ project, stage, folder: join(folder, 'assembly') }));
  const release = useAssembly(assemblyFolder);
  let accounts: readonly CreatedAccount[] = [];
  try {
    const twin = await startTwin(assemblyFolder, {
      ...ofTwin,
      folder,
      pagesPath,
      labelOf: functionVerb,
      explainedGrants: unusedGrants,
      seed: async (proxyUrl) => {
        accounts = await ensureDemoAccounts({ stage, proxyUrl, accountIds, file });
      },
    });
    return { ...twin, accounts, assemblyFolder, stop: () => twin.stop().finally(release) };
  } catch (error) {
    release();
    throw error;
  }
}

/** `ingest` of `weir-dev-ingest`. */
export function functionVerb(functionName: string): string {
  return functionName.replace(/^weir-[a-z0-9]+-/, '');
}
