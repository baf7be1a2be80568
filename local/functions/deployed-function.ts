// One function of the template: its execution environments, grown on demand and reused. Past a reserved
// concurrency it is throttled as on Lambda; without one, where Lambda would grow further, a call waits its turn.

import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import { FunctionFailed, PayloadTooLarge, TooManyRequests } from './function-errors.ts';
import type { FunctionSettings } from './function-settings.ts';

const maxPayloadBytes = 6 * 1024 * 1024;

export type DeployedFunctionOptions = {
  readonly settings: FunctionSettings;
  /** Added to the settings' own: credentials and where AWS is. */
  readonly connection: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: (output: Readable) => void;
};

export class DeployedFunction {
  readonly settings: FunctionSettings;
  private readonly options: DeployedFunctionOptions;
  private readonly environments = new Set<ExecutionEnvironment>();
  private readonly idle: ExecutionEnvironment[] = [];
  private readonly waiting: (() => void)[] = [];
  private ended = false;

  constructor(options: DeployedFunctionOptions) {
    this.options = options;
    this.settings = options.settings;
  }

  /** Rejects with FunctionFailed, TooManyRequests or PayloadTooLarge. */
  async invoke(event: unknown): Promise<unknown> {
    const { verb } = this.settings;
    const text = JSON.stringify(event);
    const bytes = Buffer.byteLength(text);
    if (bytes > maxPayloadBytes) throw new PayloadTooLarge(verb, bytes);
    const environment = await this.take();
    try {
      const payload = await environment.invoke(text);
      if (Buffer.byteLength(payload) > maxPayloadBytes)
        throw new FunctionFailed(verb, {
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: `Response payload size exceeded maximum allowed payload size (${maxPayloadBytes} bytes).`,
          trace: [],
        });
      return JSON.parse(payload);
    } finally {
      this.release(environment);
    }
  }

  async end(): Promise<void> {
    this.ended = true;
    await Promise.all([...this.environments].map((environment) => environment.end()));
  }

  private async take(): Promise<ExecutionEnvironment> {
    const { verb, maxEnvironments, isReserved } = this.settings;
    for (;;) {
      if (this.ended)
        throw new FunctionFailed(verb, {
          errorType: 'Sandbox.Ended',
          errorMessage: 'The twin is stopping',
          trace: [],
        });
      for (let idle = this.idle.pop(); idle !== undefined; idle = this.idle.pop()) {
        if (idle.usable) return idle;
        this.environments.delete(idle);
      }
      if (this.environments.size < maxEnvironments) return this.grow();
      if (isReserved) throw new TooManyRequests(verb, maxEnvironments);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private async grow(): Promise<ExecutionEnvironment> {
    const { settings, connection, clock, log } = this.options;
    const variables = { ...settings.environment, ...connection };
    const environment = new ExecutionEnvironment(settings, variables, clock, log);
    this.environments.add(environment);
    try {
      await environment.init();
    } catch (error) {
      this.release(environment);
      throw error;
    }
    return environment;
  }

  private release(environment: ExecutionEnvironment): void {
    if (environment.usable) this.idle.push(environment);
    else this.environments.delete(environment);
    this.waiting.shift()?.();
  }
}
