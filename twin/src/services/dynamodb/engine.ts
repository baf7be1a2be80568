// The DynamoDB engine: a child process on loopback, in memory or on one file, that lives exactly as long as
// the twin.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { callEngine } from '../../core/engine-call.ts';
import { freePort, loopback } from '../../core/http/listen.ts';
import type { Marks } from '../../core/marks.ts';
import { endStaleProcess, forgetPid, rememberPid } from '../../core/stale-process.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import { DamagedData } from '../../core/unusable-data.ts';
import { type DynamoDbSource, findDynamoDb } from './find-engine.ts';
import { TableMarks } from './table-marks.ts';
import { assertTablesAreWhole } from './tables-check.ts';

export class DynamoDbEngineFailed extends Error {
  override readonly name = 'DynamoDbEngineFailed';
}

export type DynamoDbOptions = {
  /** Absent: in memory. */
  readonly folder?: string;
  /** Has what the folder has to hold. */
  readonly marks?: Pick<Marks, 'get' | 'set'>;
  /** Called when the engine ends without having been asked to. */
  readonly onLoss: (message: string) => void;
  readonly source?: DynamoDbSource;
};

const patienceMs = 10_000;
const mostTries = 3;
const fileIn = (folder: string) => join(folder, 'dynamodb.sqlite');

export class DynamoDbEngine implements Startable {
  readonly name = 'the DynamoDB engine';
  endpoint = '';
  private readonly options: DynamoDbOptions;
  private readonly marks: TableMarks | undefined;
  private child: ChildProcess | undefined;
  private guard: ChildProcess | undefined;
  private complaints = '';
  private ready = false;
  private ending = false;

  constructor(options: DynamoDbOptions) {
    this.options = options;
    const { folder, marks } = options;
    this.marks = folder !== undefined && marks ? new TableMarks(marks, fileIn(folder)) : undefined;
  }

  async start(): Promise<void> {
    const source = this.options.source ?? findDynamoDb();
    if (source.kind === 'endpoint') {
      this.endpoint = source.url;
      return this.waitUntilItAnswers();
    }
    const { folder } = this.options;
    const file = folder === undefined ? [] : ['--db-path', fileIn(folder)];
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      await endStaleProcess(join(folder, 'dynamodb.pid'), 'dynoxide');
      await assertTablesAreWhole(fileIn(folder), this.marks?.last, (message) => {
        if (!this.ending) this.options.onLoss(message);
      });
    }
    try {
      await this.startOnFreePort(source.path, file);
      this.written();
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  /** Somebody else may take the port before the engine does. */
  private async startOnFreePort(path: string, args: readonly string[], tries = mostTries): Promise<void> {
    const port = await freePort();
    this.endpoint = `http://${loopback}:${port}`;
    this.complaints = '';
    this.spawn(path, ['--host', loopback, '--port', String(port), ...args]);
    try {
      await this.waitUntilItAnswers();
    } catch (error) {
      if (tries <= 1 || !this.complaints.includes('already in use')) throw error;
      await endChild(this.guard, 'SIGKILL');
      return this.startOnFreePort(path, args, tries - 1);
    }
  }

  /** Called before a write is acknowledged: the next start has to find it. */
  written(): void {
    if (this.ready && !this.ending && this.child !== undefined && !isGone(this.child)) this.marks?.written();
  }

  async end(): Promise<void> {
    const isRunning = this.ready && this.child !== undefined && !isGone(this.child);
    this.ending = true;
    if (isRunning) this.marks?.closing();
    await endChild(this.guard, 'SIGKILL');
    await endChild(this.child, 'SIGTERM');
    // One that closed the database itself.
    if (isRunning && this.child?.exitCode === 0) this.marks?.closed();
    if (this.options.folder !== undefined) forgetPid(join(this.options.folder, 'dynamodb.pid'));
  }

  private spawn(path: string, args: readonly string[]): void {
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'], env: {}, detached: true });
    this.child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complaints = `${this.complaints}${text}`.slice(-2000);
    });
    child.once('error', (error) => {
      this.complaints += error.message;
    });
    child.once('exit', (code, signal) => {
      // Somebody told it to end, and it closed the database.
      if (!this.ending && this.ready && code === 0) this.marks?.closed();
      if (!this.ending && this.ready) this.options.onLoss(this.renderLoss(signal ?? code));
    });
    if (child.pid === undefined) return;
    // Reads until this process is gone, however it went, and takes the engine along.
    this.guard = spawn('/bin/sh', ['-c', `read -r _; kill -9 ${child.pid}`], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    if (this.options.folder !== undefined) rememberPid(join(this.options.folder, 'dynamodb.pid'), child.pid);
  }

  /** What the engine wrote besides its greeting. */
  private complaint(): string {
    const lines = this.complaints.trim().split('\n');
    return lines
      .filter((line) => !/^\S+ listening on /.test(line))
      .join(' ')
      .replace(/^error: /, '');
  }

  private renderLoss(how: string | number | null): string {
    const kept = this.options.folder === undefined ? '' : '; what was acknowledged is kept';
    const sentences = [`${this.name} ended by itself (${how}).`, this.complaint(), `Start again${kept}.`];
    return sentences.filter((sentence) => sentence !== '').join(' ');
  }

  private endedWhileStarting(): Error {
    const { folder } = this.options;
    const complaint = this.complaint();
    return folder !== undefined && /not a valid SQLite database|malformed|corrupt/i.test(complaint)
      ? new DamagedData(fileIn(folder), complaint.replace(/\.$/, ''))
      : new DynamoDbEngineFailed(`It ended while starting. ${complaint}`);
  }

  private async waitUntilItAnswers(): Promise<void> {
    const deadline = performance.now() + patienceMs;
    // The event of a program that cannot be run comes a moment later.
    await nextTurn();
    for (;;) {
      if (this.child !== undefined && isGone(this.child)) throw this.endedWhileStarting();
      try {
        await callEngine(this.endpoint, 'dynamodb', 'ListTables', {});
        this.ready = true;
        return;
      } catch (cause) {
        if (performance.now() > deadline)
          throw new DynamoDbEngineFailed(`It does not answer at ${this.endpoint}.`, { cause });
        await sleep(15);
      }
    }
  }
}

function isGone({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

async function endChild(child: ChildProcess | undefined, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child === undefined || isGone(child)) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const insist = setTimeout(() => child.kill('SIGKILL'), 2000);
  await gone;
  clearTimeout(insist);
}
