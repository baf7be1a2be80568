// Runs the CDK app as the CDK's own command line would, and keeps what it wrote under a name made from its
// sources: nothing is synthesized twice, and a twin that runs keeps its assembly while another is made.

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, functionSources, templateSources } from './source-fingerprint.ts';
import { loadAssembly, UnreadableAssembly } from './template/assembly.ts';

export class SynthesisFailed extends Error {
  override readonly name = 'SynthesisFailed';
}

export type SynthesisOptions = {
  /** Holds cdk.json. */
  readonly project: string;
  readonly stage: string;
  /** Receives one folder for each state of the sources; the latest few are kept. */
  readonly folder: string;
};

const keptAssemblies = 4;

/** Resolves to the folder of the cloud assembly. */
export async function synthesize({ project, stage, folder }: SynthesisOptions): Promise<string> {
  const assembly = join(folder, `${stage}-${fingerprint(project, functionSources, templateSources)}`);
  if (isWhole(assembly)) return use(assembly);
  rmSync(assembly, { recursive: true, force: true });
  const unfinished = `${assembly}.${process.pid}`;
  await runApp(project, stage, unfinished);
  try {
    renameSync(unfinished, assembly);
  } catch (error) {
    // Another twin made the same assembly meanwhile.
    if (!isWhole(assembly)) throw error;
    rmSync(unfinished, { recursive: true });
  }
  use(assembly);
  forgetOldAssemblies(folder);
  return assembly;
}

/** A half of one is made again rather than complained about: everything in it comes from the sources. */
function isWhole(assembly: string): boolean {
  if (!existsSync(assembly)) return false;
  try {
    return loadAssembly(assembly).every(({ assetFolders }) => [...assetFolders.values()].every(existsSync));
  } catch (error) {
    if (error instanceof UnreadableAssembly) return false;
    throw error;
  }
}

const userPrefix = 'used-by-';

/** New environments of functions read their code from the assembly for as long as this process runs. */
function use(assembly: string): string {
  writeFileSync(join(assembly, `${userPrefix}${process.pid}`), '');
  return assembly;
}

function isUsed(assembly: string): boolean {
  return readdirSync(assembly)
    .filter((name) => name.startsWith(userPrefix))
    .some((name) => isRunning(Number(name.slice(userPrefix.length))));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function runApp(project: string, stage: string, outputFolder: string): Promise<void> {
  const { app, context = {} } = JSON.parse(readFileSync(join(project, 'cdk.json'), 'utf8')) as {
    app?: string;
    context?: Record<string, unknown>;
  };
  if (app === undefined) throw new SynthesisFailed(`${join(project, 'cdk.json')} names no app.`);
  const [command = '', ...args] = app.split(' ').filter(Boolean);
  const program = command === 'node' ? process.execPath : command;
  const env = {
    ...process.env,
    CDK_OUTDIR: outputFolder,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage }),
  };
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: project, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) return resolve();
      rmSync(outputFolder, { recursive: true, force: true });
      reject(
        new SynthesisFailed(`"${app}" failed for stage ${stage}:\n${stderr || stdout || error.message}`),
      );
    });
  });
}

function forgetOldAssemblies(folder: string): void {
  const byAge = readdirSync(folder)
    .map((name) => join(folder, name))
    .sort((left, right) => statSync(right).mtimeMs - statSync(left).mtimeMs);
  for (const path of byAge.slice(keptAssemblies)) {
    if (!isUsed(path)) rmSync(path, { recursive: true, force: true });
  }
}
