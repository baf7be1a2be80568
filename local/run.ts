// Runs the twin until a signal stops it. Exit codes: 0 stopped or help printed, 1 failed, 2 wrong arguments or an invalid
// fault plan.

import { join, resolve } from 'node:path';
import { InvalidFaultPlan, readPlanFile } from '@weir/twin/faults';
import { writeJsonFile } from '@weir/twin/files';
import { helpOf, readArguments, WrongArguments } from './arguments.ts';
import { greeting } from './greeting.ts';
import { demoOwner } from './issuer.ts';
import { onceNpmIsGone } from './parent-watch.ts';
import { writeRunningFile } from './running-file.ts';
import { startWatchedTwin } from './watch/watched-twin.ts';
import { pagesPath, type RunningWeir, startWeir } from './weir.ts';

const stage = 'dev';
const sameSignalMs = 500;

/** What is run: the sources of a clone, or what a package holds. */
export type Place = {
  /** Holds `.weir`, for data and logs. */
  readonly project: string;
  /** What npm runs. */
  readonly script: string;
  /** Of a package, which cannot synthesize: its cloud assembly, and how it is called. */
  readonly packaged?: { readonly assembly: string; readonly usage: string };
};

export function run(place: Place): void {
  start(place).catch(fail);
}

async function start({ project, script, packaged }: Place): Promise<void> {
  const folder = join(project, '.weir');
  // For the threads of functions.
  process.env.NODE_COMPILE_CACHE ??= join(folder, 'compile-cache');
  const args = readArguments(process.argv.slice(2), packaged?.usage);
  if (args === 'help') return console.log(helpOf(packaged?.usage));
  const { port, memory, watch, readyFile, faultsFile } = args;
  const faults = faultsFile === undefined ? undefined : await readPlanFile(faultsFile);
  let running: RunningWeir | undefined;
  let stoppingSinceMs: number | undefined;
  const stop = (exitCode: number) => {
    if (stoppingSinceMs !== undefined) {
      // One Ctrl-C may arrive twice, from the terminal and from npm. A real second one ends the process at once: the
      // engine's guard notices that and ends the engine.
      if (performance.now() - stoppingSinceMs > sameSignalMs) process.exit(130);
      return;
    }
    stoppingSinceMs = performance.now();
    if (exitCode !== 0) process.exitCode = exitCode;
    void running?.stop().then(
      () => process.exit(),
      (error: Error) => fail(error),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));
  // Thrown by an engine in this process, for example the Kinesis engine when the disk is full.
  process.on('uncaughtException', (error) => {
    printProblem(`${error.name}: ${error.message}`);
    if (running === undefined) process.exit(1);
    stop(1);
  });
  onceNpmIsGone(script, () => stop(0));

  const startOn = (assembly = packaged?.assembly) =>
    startWeir({
      assembly,
      // A test suite would rather not wait until more comes.
      ...(packaged && { longestWindowMs: 100 }),
      port,
      memory,
      folder,
      project,
      stage,
      accountIds: memory ? ['demo', 'demo-two'] : ['demo'],
      faults,
      report: printProblem,
      onSynthesis: () => console.log(`Synthesizing stage ${stage} …`),
      onLoss: (message) => {
        printProblem(message);
        stop(1);
      },
    });
  const announce = async (twin: RunningWeir, elapsedMs?: number) => {
    const { url, proxyUrl: endpoint, accounts } = twin;
    // For `weir --local`, which is in a clone.
    if (!packaged) await writeRunningFile(project, { ...{ url, endpoint, stage }, pid: process.pid, script });
    if (readyFile !== undefined) await writeJsonFile(resolve(readyFile), { url, accounts }, 0o600);
    const token = await twin.issuer.token(demoOwner);
    console.log(greeting({ ...twin, token, isClone: !packaged }, elapsedMs));
    if (faults !== undefined)
      console.log(
        `Faults of ${faultsFile} are in force (rules: ${faults.rules.length}): ${url}${pagesPath}/faults`,
      );
  };
  const started = watch
    ? await startWatchedTwin({
        project,
        folder,
        stage,
        start: startOn,
        onRenewed: announce,
        say: printChange,
        onFailure: fail,
      })
    : await startOn();
  running = started;
  if (stoppingSinceMs !== undefined) {
    await started.stop();
    process.exit();
  }
  await announce(started, performance.now());
}

/** One line each. What functions log is in their log files. */
function printProblem(problem: string): void {
  const [first = '', ...rest] = problem.split('\n');
  console.error(`${new Date().toISOString()} ! ${first}${rest.length > 0 ? ' …' : ''}`);
}

function printChange(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}

function fail(error: Error): void {
  console.error(error.message);
  process.exit(error instanceof WrongArguments || error instanceof InvalidFaultPlan ? 2 : 1);
}
