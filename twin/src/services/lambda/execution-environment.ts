// One execution environment: a worker thread that has loaded the function and takes one invocation at a time.
// A timeout ends the thread for real, by the twin's clock: a move ahead shortens the time that is left to an invocation.
// Between invocations it is not frozen, as Lambda's are.

import { randomBytes, randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../core/clock.ts';
import { type ErrorPayload, FunctionFailed, twinStopping } from '../../core/invocation.ts';
import { toPayload } from './error-payload.ts';
import type { FunctionLog } from './function-log.ts';
import type { FunctionSettings } from './function-settings.ts';
import type { InvokeMessage, WorkerMessage, WorkerSettings } from './messages.ts';

const initPatienceMs = 10_000;

type Waiting = { resolve(message: WorkerMessage): void; reject(error: FunctionFailed): void };

export type ExecutionEnvironmentOptions = {
  readonly settings: FunctionSettings;
  readonly codeFolder: string;
  readonly version: string;
  /** All that the function sees: nothing of this process's environment. */
  readonly variables: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: FunctionLog;
  /** It ended by itself between invocations. */
  readonly onCrash: (environment: ExecutionEnvironment, failure: FunctionFailed) => void;
};

export class ExecutionEnvironment {
  /** Its calls to AWS carry it as their session token. */
  readonly id = randomUUID();
  readonly version: string;
  private readonly settings: FunctionSettings;
  private readonly clock: Clock;
  private readonly onCrash: ExecutionEnvironmentOptions['onCrash'];
  private readonly logStreamName: string;
  private readonly worker: Worker;
  /** The latest invocation's; before the first, a made-up one. */
  private requestId: string = randomUUID();
  private loaded: Promise<void> | undefined;
  private waiting: Waiting | undefined;
  private failure: FunctionFailed | undefined;

  constructor(options: ExecutionEnvironmentOptions) {
    const { settings, codeFolder, version, variables, clock, log } = options;
    this.settings = settings;
    this.version = version;
    this.clock = clock;
    this.onCrash = options.onCrash;
    const date = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    this.logStreamName = `${date}/[${version}]${randomBytes(16).toString('hex')}`;
    // Where this process keeps compiled code, its threads do so too: an environment starts in three quarters of the time.
    const { NODE_COMPILE_CACHE: compileCache } = process.env;
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: settings.label,
      env: {
        ...(compileCache !== undefined && { NODE_COMPILE_CACHE: compileCache }),
        ...variables,
        AWS_SESSION_TOKEN: this.id,
        AWS_LAMBDA_FUNCTION_VERSION: version,
        AWS_LAMBDA_LOG_STREAM_NAME: this.logStreamName,
        LAMBDA_TASK_ROOT: codeFolder,
      },
      // Workers take no notice of NODE_OPTIONS in their environment: see heapLimitsOf.
      execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'],
      resourceLimits: {
        maxYoungGenerationSizeMb: settings.heap.youngMebibytes,
        maxOldGenerationSizeMb: settings.heap.oldMebibytes,
      },
      workerData: {
        codeFolder,
        handler: settings.handler,
        compileCache,
        logPath: log.path,
        clock: clock.shared,
      } satisfies WorkerSettings,
    });
    this.worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'log-lost') log.lost(message.problem);
      // At once: the thread may have exited already, and its exit event comes in the same turn.
      else if (message.kind === 'init-failed') this.fail(message.error);
      else this.settle((waiting) => waiting.resolve(message));
    });
    this.worker.on('error', (error: unknown) => this.crash(toPayload(error)));
    this.worker.on('exit', (code) =>
      this.crash({
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${this.requestId} Error: Runtime exited ${exitReason(code)}`,
        trace: [],
      }),
    );
  }

  get usable(): boolean {
    return this.failure === undefined;
  }

  /** Resolves to the JSON that the handler returned. The first invocation waits for the code to be loaded. */
  async invoke(event: string, requestId: string, invokedArn: string): Promise<string> {
    const { settings } = this;
    this.loaded ??= this.load();
    await this.loaded;
    this.requestId = requestId;
    const invocation: InvokeMessage = {
      event,
      deadlineMs: this.clock.elapsed() + settings.timeoutMs,
      traceId: newTraceId(),
      context: {
        awsRequestId: requestId,
        functionName: settings.name,
        functionVersion: this.version,
        invokedFunctionArn: invokedArn,
        memoryLimitInMB: String(settings.memoryMebibytes),
        logGroupName: settings.logGroupName,
        logStreamName: this.logStreamName,
      },
    };
    const seconds = (settings.timeoutMs / 1000).toFixed(2);
    const answer = this.nextMessage(
      `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
      (listener) => this.clock.after(settings.timeoutMs, listener),
    );
    this.worker.postMessage(invocation);
    const message = await answer;
    if (message.kind === 'returned') return message.payload;
    if (message.kind === 'threw') throw new FunctionFailed(settings.label, message.error);
    throw new Error(`${settings.label}: the worker sent ${message.kind} out of turn.`);
  }

  /** As if the machine under it were lost: an invocation under way fails as on Lambda. */
  async kill(): Promise<void> {
    this.crash({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${this.requestId} Error: Runtime exited with error: signal: killed`,
      trace: [],
    });
    await this.worker.terminate();
  }

  /** On purpose: only an invocation under way fails of it. */
  async end(): Promise<void> {
    this.fail(twinStopping);
    await this.worker.terminate();
  }

  private async load(): Promise<void> {
    const seconds = (initPatienceMs / 1000).toFixed(2);
    try {
      // By the machine's clock: loading takes as long as it takes, whatever the twin's time is.
      await this.nextMessage(`Init timed out after ${seconds} seconds`, (listener) => {
        const timer = setTimeout(listener, initPatienceMs);
        return () => clearTimeout(timer);
      });
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  private nextMessage(
    timeoutMessage: string,
    afterPatience: (listener: () => void) => () => void,
  ): Promise<WorkerMessage> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      const stop = afterPatience(() => {
        this.fail({ errorType: 'Sandbox.Timedout', errorMessage: timeoutMessage, trace: [] });
        void this.end();
      });
      this.waiting = {
        resolve: (message) => {
          stop();
          resolve(message);
        },
        reject: (error) => {
          stop();
          reject(error);
        },
      };
    });
  }

  private crash(payload: ErrorPayload): void {
    const isTold = this.waiting !== undefined;
    const failure = this.fail(payload);
    if (failure !== undefined && !isTold) this.onCrash(this, failure);
  }

  /** Nothing where it has failed or was ended before: that its thread exits comes after each. */
  private fail(payload: ErrorPayload): FunctionFailed | undefined {
    if (this.failure !== undefined) return undefined;
    const failure = new FunctionFailed(this.settings.label, payload);
    this.failure = failure;
    this.settle((waiting) => waiting.reject(failure));
    return failure;
  }

  private settle(tell: (waiting: Waiting) => void): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) tell(waiting);
  }
}

function exitReason(code: number): string {
  return code === 0 ? 'without providing a reason' : `with error: exit status ${code}`;
}

function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const random = randomBytes(20).toString('hex');
  return `Root=1-${seconds}-${random.slice(0, 24)};Parent=${random.slice(24)};Sampled=0`;
}
