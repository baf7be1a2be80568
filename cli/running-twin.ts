// The twins that run for a project on this machine. Each leaves a file for as long as it runs, with the address that
// verbs connect to: it is another port at every start. A twin that was killed leaves its file behind; its pid is dead.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError } from './errors.ts';

export type RunningTwin = {
  /** The address of the API. */
  readonly url: string;
  /** The address of the AWS services, for the verbs. */
  readonly endpoint: string;
  readonly stage: string;
  readonly pid: number;
  /** What the process runs: another process may get the pid of a twin that was killed. */
  readonly script?: string;
};

/** `PID.json`. */
export const runningFileName = /^(\d+)\.json$/;

/** One file for each process: with --memory several twins can run for one project. */
export const runningFolder = (project: string): string => join(project, '.weir', 'running');

export class NoTwinRuns extends CliError {
  constructor(project: string) {
    super(`No twin runs here (${project}).`, 'Start it with npm start, or use --endpoint.');
  }
}

export class SeveralTwinsRun extends CliError {
  constructor(project: string, twins: readonly RunningTwin[]) {
    const lines = twins.map(
      ({ url, endpoint, pid }) => `  --endpoint ${endpoint} for ${url} (process ${pid})`,
    );
    super(
      [`${twins.length} twins run here (${project}), and --local is for one:`, ...lines].join('\n'),
      'Use one of these instead of --local, or stop the others.',
    );
  }
}

/** The twin of the project that the folder is in. */
export function findRunningTwin(folder: string): RunningTwin {
  const project = projectOf(folder);
  const twins = readRunningTwins(project);
  const [twin, ...others] = twins;
  if (twin === undefined) throw new NoTwinRuns(project);
  if (others.length > 0) throw new SeveralTwinsRun(project, twins);
  return twin;
}

export const isTwinRunning = (folder: string): boolean => readRunningTwins(projectOf(folder)).length > 0;

/** The nearest folder above that holds an app of the CDK; without one, the folder itself. */
function projectOf(folder: string): string {
  for (let candidate = folder; ; candidate = dirname(candidate)) {
    if (existsSync(join(candidate, 'cdk.json'))) return candidate;
    if (candidate === dirname(candidate)) return folder;
  }
}

function readRunningTwins(project: string): RunningTwin[] {
  const folder = runningFolder(project);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => runningFileName.test(name))
    .toSorted()
    .flatMap((name) => readRunningFile(join(folder, name)) ?? []);
}

/** Undefined for a file that no running twin left. */
function readRunningFile(file: string): RunningTwin | undefined {
  try {
    const twin = JSON.parse(readFileSync(file, 'utf8')) as RunningTwin;
    // A twin is on this machine: a file that names another one is not of a twin, and what it names is not called.
    const isTwin =
      isRunning(twin.pid) &&
      runs(twin.pid, twin.script) &&
      isLoopback(twin.endpoint) &&
      isLoopback(twin.url) &&
      typeof twin.stage === 'string';
    return isTwin ? twin : undefined;
  } catch {
    // It ended meanwhile, or it is no JSON.
    return undefined;
  }
}

/** Whether the process runs the script, where the system says so; Linux does. */
function runs(pid: number, script: string | undefined): boolean {
  const commandLine = `/proc/${pid}/cmdline`;
  if (script === undefined || !existsSync(commandLine)) return true;
  const args = readFileSync(commandLine, 'utf8').split('\0');
  return args.some((arg) => arg !== '' && script.endsWith(arg));
}

export function isRunning(pid: number): boolean {
  // Signal 0 to 0 or to a negative number goes to a group.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function isLoopback(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return /^https?:$/.test(protocol) && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}
