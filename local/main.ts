// `npm start`: runs the twin until it is told to stop. Exit codes: 0 stopped, 1 failed, 2 wrong arguments.

import { join, resolve } from 'node:path';
import { readArguments, WrongArguments } from './arguments.ts';
import { writeJsonFile } from './atomic-file.ts';
import { greeting } from './greeting.ts';
import { onceNpmIsGone } from './parent-watch.ts';
import { startTwin, type Twin } from './twin.ts';
import { startWatchedTwin } from './watch/watched-twin.ts';

const project = join(import.meta.dirname, '..');
const folder = join(project, '.weir');
const stage = 'dev';

async function main(): Promise<void> {
  const { port, memory, watch, readyFile } = readArguments(process.argv.slice(2));
  let running: Twin | undefined;
  let stopping = false;
  const stop = (exitCode: number) => {
    // A second wish to stop is not asked to wait. The engine's guard sees us go and ends the engine.
    if (stopping) process.exit(130);
    stopping = true;
    if (exitCode !== 0) process.exitCode = exitCode;
    void running?.stop().then(
      () => process.exit(),
      (error: Error) => fail(error),
    );
  };
  process.on('SIGINT', () => stop(0));
  process.on('SIGTERM', () => stop(0));
  onceNpmIsGone(() => stop(0));

  const start = () =>
    startTwin({
      port,
      memory,
      folder,
      project,
      stage,
      accountIds: memory ? ['demo', 'demo-two'] : ['demo'],
      report: printProblem,
      onLoss: (message) => {
        printProblem(message);
        stop(1);
      },
    });
  const started = watch
    ? await startWatchedTwin({
        project,
        folder,
        stage,
        start,
        onRenewed: (twin) => console.log(greeting(twin)),
        say: printChange,
        onFailure: fail,
      })
    : await start();
  running = started;
  if (stopping) {
    await started.stop();
    process.exit();
  }
  const { url, accounts } = started;
  if (readyFile !== undefined) await writeJsonFile(resolve(readyFile), { url, accounts }, 0o600);
  console.log(greeting(started, performance.now()));
}

/** One line each; functions' own words are in their logs. */
function printProblem(problem: string): void {
  const [first = '', ...rest] = problem.split('\n');
  console.error(`${new Date().toISOString()} ! ${first}${rest.length > 0 ? ' …' : ''}`);
}

function printChange(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}

function fail(error: Error): void {
  console.error(error.message);
  process.exit(error instanceof WrongArguments ? 2 : 1);
}

main().catch(fail);
