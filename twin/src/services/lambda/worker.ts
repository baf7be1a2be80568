// Runs inside a worker thread: loads the bundle as the Lambda runtime does and answers one event at a time.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { moveDate } from '../../core/moved-date.ts';
import { toPayload } from './error-payload.ts';
import type { InvokeMessage, WorkerMessage, WorkerSettings } from './messages.ts';
import { boundPackageAt } from './package-boundary.ts';
import { printTo } from './worker-output.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const tell = (message: WorkerMessage) => parentPort?.postMessage(message);

async function loadHandler({ codeFolder, handler }: WorkerSettings): Promise<Handler> {
  const dot = handler.lastIndexOf('.');
  const file = join(codeFolder, handler.slice(0, dot));
  const path = ['.mjs', '.js', '.cjs'].map((ending) => `${file}${ending}`).find(existsSync);
  if (path === undefined)
    throw named(
      'Runtime.ImportModuleError',
      `Error: Cannot find module '${handler.slice(0, dot)}' in ${codeFolder}`,
    );
  boundPackageAt(codeFolder);
  const loaded = await load(path);
  const exported = loaded[handler.slice(dot + 1)];
  if (typeof exported !== 'function')
    throw named('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  return exported as Handler;
}

async function load(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', String(error), error);
    const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
    if (['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(code))
      throw named('Runtime.ImportModuleError', String(error), error as Error);
    throw error;
  }
}

/** Names as Lambda's own runtime gives them: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client */
function named(name: string, message: string, cause?: Error): Error {
  const error = new Error(message, { cause });
  error.name = name;
  if (cause?.stack !== undefined) error.stack = cause.stack;
  return error;
}

async function invoke(
  handler: Handler,
  elapsed: () => number,
  { event, context, deadlineMs, traceId }: InvokeMessage,
): Promise<void> {
  process.env._X_AMZN_TRACE_ID = traceId;
  try {
    const result = await handler(JSON.parse(event), {
      ...context,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadlineMs - elapsed()),
    });
    tell({ kind: 'returned', payload: toJson(result) });
  } catch (error) {
    tell({ kind: 'threw', error: toPayload(error) });
  }
}

/** Says of what JSON cannot hold just what Lambda's own runtime says. */
function toJson(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch {
    throw named('Runtime.JSONStringifyError', 'Unable to stringify response body');
  }
}

process.on('unhandledRejection', (reason) => {
  // Thrown here it ends the thread, and the invocation under way with it, as on Lambda.
  const { errorType, errorMessage } = toPayload(reason);
  const cause = reason instanceof Error ? reason : undefined;
  const message = cause === undefined ? errorMessage : `${errorType}: ${errorMessage}`;
  throw named('Runtime.UnhandledPromiseRejection', message, cause);
});

try {
  const settings = workerData as WorkerSettings;
  if (process.env.NODE_COMPILE_CACHE === settings.compileCache) delete process.env.NODE_COMPILE_CACHE;
  printTo(settings.logPath, (problem) => tell({ kind: 'log-lost', problem }));
  const { elapsed } = moveDate(settings.clock);
  const handler = await loadHandler(settings);
  parentPort?.on('message', (message: InvokeMessage) => void invoke(handler, elapsed, message));
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'init-failed', error: toPayload(error) });
}
