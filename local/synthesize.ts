// Runs the CDK app as the CDK's command line does, and keeps the assembly under a name made from its sources: nothing is
// synthesized twice, and a running twin keeps its assembly while another one is made.

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namingFullDisk } from '@weir/twin/files';
import { loadAssembly, UnreadableAssembly } from '@weir/twin/template';
import { isRunning } from '../cli/running-twin.ts';
import { runProgram } from './run-program.ts';
import { fingerprint, functionSources, templateSources } from './source-fingerprint.ts';

export class SynthesisFailed extends Error {
  override readonly name = 'SynthesisFailed';
}

export type SynthesisOptions = {
  /** Holds cdk.json. */
  readonly project: string;
  readonly stage: string;
  /** Gets one folder for each state of the sources; the latest few are kept. */
  readonly folder: string;
  /** Aborts the synthesis. */
  readonly signal?: AbortSignal;
  /** Called before a synthesis, which takes up to half a minute, and not if the assembly is there already. */
  readonly onSynthesis?: (() => void) | undefined;
};

const keptAssemblies = 4;

/** Resolves to the folder of the cloud assembly. */
export async function synthesize(options: SynthesisOptions): Promise<string> {
  const { project, stage, folder, signal, onSynthesis } = options;
  const assembly = join(folder, `${stage}-${fingerprint(project, functionSources, templateSources)}`);
  if (isWhole(assembly)) return assembly;
  onSynthesis?.();
  rmSync(assembly, { recursive: true, force: true });
  const unfinished = `${assembly}.${process.pid}`;
  await runApp(project, stage, unfinished, signal);
  try {
    renameSync(unfinished, assembly);
  } catch (error) {
    // Another twin made the same assembly meanwhile.
    if (!isWhole(assembly)) throw error;
    rmSync(unfinished, { recursive: true });
  }
  forgetOldAssemblies(folder);
  return assembly;
}

/** An incomplete assembly is made again, since everything in it comes from the sources. */
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
let uses = 0;

/**
 * Marks the assembly as used, because new environments of functions read their code from it. Returns what removes the
 * mark. The mark of a process that was killed counts for nothing.
 */
export function useAssembly(assembly: string): () => void {
  uses += 1;
  const mark = join(assembly, `${userPrefix}${process.pid}-${uses}`);
  try {
    writeFileSync(mark, '');
  } catch (error) {
    // An installed package that belongs to another user: nobody deletes that for being old.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EACCES', 'EROFS', 'EPERM'].includes(code)) throw error;
  }
  return () => rmSync(mark, { force: true });
}

function isUsed(assembly: string): boolean {
  return readdirSync(assembly)
    .filter((name) => name.startsWith(userPrefix))
    .some((name) => isRunning(Number.parseInt(name.slice(userPrefix.length), 10)));
}

async function runApp(
  project: string,
  stage: string,
  outputFolder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { app, context = {} } = JSON.parse(readFileSync(join(project, 'cdk.json'), 'utf8')) as {
    app?: string;
    context?: Record<string, unknown>;
  };
  if (app === undefined) throw new SynthesisFailed(`${join(project, 'cdk.json')} names no app.`);
  const [command = '', ...args] = app.split(' ').filter(Boolean);
  const program = command === 'node' ? process.execPath : command;
  const { succeeded, said } = await runProgram(program, args, {
    folder: project,
    environment: {
      ...process.env,
      CDK_OUTDIR: outputFolder,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage }),
    },
    ...(signal && { signal }),
  });
  if (succeeded) return;
  rmSync(outputFolder, { recursive: true, force: true });
  throw new SynthesisFailed(namingFullDisk(`"${app}" failed for stage ${stage}:\n${said}`));
}

function forgetOldAssemblies(folder: string): void {
  const byAge = readdirSync(folder)
    .map((name) => join(folder, name))
    .sort((left, right) => statSync(right).mtimeMs - statSync(left).mtimeMs);
  for (const path of byAge.slice(keptAssemblies)) {
    if (!isUsed(path)) rmSync(path, { recursive: true, force: true });
  }
}
