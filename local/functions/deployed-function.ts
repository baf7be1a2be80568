// One function of the template: invoked with Lambda's bounds on payloads, counted, and its code replaceable.

import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { EnvironmentPool } from './environment-pool.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import { FunctionFailed, PayloadTooLarge, TooManyRequests } from './function-errors.ts';
import type { FunctionSettings } from './function-settings.ts';

const maxPayloadBytes = 6 * 1024 * 1024;

export type DeployedFunctionOptions = {
  readonly settings: FunctionSettings;
  /** Added to the settings' own: credentials and where AWS is. */
  readonly connection: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly keepIdleMs: number;
  readonly log: (output: Readable) => void;
};

export type FunctionActivity = {
  readonly environments: number;
  readonly busy: number;
  readonly invocations: number;
  readonly cold_starts: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly throttles: number;
};

export class DeployedFunction {
  readonly settings: FunctionSettings;
  /** Of the next environment. */
  codeFolder: string;
  private readonly environments: EnvironmentPool;
  private readonly counts = { invocations: 0, errors: 0, timeouts: 0, throttles: 0 };

  constructor({ settings, connection, clock, keepIdleMs, log }: DeployedFunctionOptions) {
    this.settings = settings;
    this.codeFolder = settings.codeFolder;
    const variables = { ...settings.environment, ...connection };
    this.environments = new EnvironmentPool({
      verb: settings.verb,
      maxEnvironments: settings.maxEnvironments,
      throttles: settings.isReserved,
      keepIdleMs,
      create: () =>
        new ExecutionEnvironment({ settings, codeFolder: this.codeFolder, variables, clock, log }),
    });
  }

  get activity(): FunctionActivity {
    const { size, busy, coldStarts } = this.environments;
    return { environments: size, busy, cold_starts: coldStarts, ...this.counts };
  }

  /** Rejects with FunctionFailed, TooManyRequests or PayloadTooLarge. */
  async invoke(event: unknown): Promise<unknown> {
    const { verb } = this.settings;
    const text = JSON.stringify(event);
    const bytes = Buffer.byteLength(text);
    if (bytes > maxPayloadBytes) throw new PayloadTooLarge(verb, bytes);
    try {
      return JSON.parse(await this.run(text));
    } catch (error) {
      this.count(error);
      throw error;
    }
  }

  /** Invocations under way end on the code that they began with. */
  replaceCode(folder: string): void {
    this.codeFolder = folder;
    this.environments.renew();
  }

  end(): Promise<void> {
    return this.environments.end();
  }

  private async run(event: string): Promise<string> {
    const environment = await this.environments.take();
    this.counts.invocations += 1;
    try {
      const payload = await environment.invoke(event);
      if (Buffer.byteLength(payload) > maxPayloadBytes)
        throw new FunctionFailed(this.settings.verb, {
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: `Response payload size exceeded maximum allowed payload size (${maxPayloadBytes} bytes).`,
          trace: [],
        });
      return payload;
    } finally {
      this.environments.release(environment);
    }
  }

  private count(error: unknown): void {
    if (error instanceof TooManyRequests) this.counts.throttles += 1;
    if (!(error instanceof FunctionFailed)) return;
    this.counts.errors += 1;
    if (error.payload.errorType === 'Sandbox.Timedout') this.counts.timeouts += 1;
  }
}
