// The execution environments of one function, of all its versions: grown on demand, reused, newest first, and ended when they have been
// idle for long or their code was replaced. Past a reserved concurrency a call is throttled as on Lambda; without
// one, where Lambda would grow further, it waits its turn.

import { FunctionFailed, type InvokeOptions, TooManyRequests, twinStopping } from '../../core/invocation.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';
import { WaitingCalls } from './waiting-calls.ts';

export type EnvironmentLimit = {
  readonly environments: number;
  /** Whether a call that finds all of them busy is refused; else it waits. */
  readonly throttles: boolean;
};

export type EnvironmentPoolOptions = {
  readonly label: string;
  readonly limit: EnvironmentLimit;
  readonly keepIdleMs: number;
  readonly create: (version: string) => ExecutionEnvironment;
};

type Idle = { readonly environment: ExecutionEnvironment; readonly sinceMs: number };

export class EnvironmentPool {
  coldStarts = 0;
  private current: EnvironmentLimit;
  private readonly options: EnvironmentPoolOptions;
  private readonly all = new Set<ExecutionEnvironment>();
  private idle: Idle[] = [];
  /** Made before the code was replaced: ended as soon as they are free. */
  private readonly outdated = new WeakSet<ExecutionEnvironment>();
  private readonly calls = new WaitingCalls();
  private readonly sweep: NodeJS.Timeout;
  private ended = false;

  constructor(options: EnvironmentPoolOptions) {
    this.options = options;
    this.current = options.limit;
    this.sweep = setInterval(
      () => this.endIdleSince(performance.now() - options.keepIdleMs),
      options.keepIdleMs / 2,
    );
    this.sweep.unref();
  }

  get limit(): EnvironmentLimit {
    return this.current;
  }

  /** Calls that wait are asked again: there may be room, or no more waiting. */
  set limit(limit: EnvironmentLimit) {
    this.current = limit;
    this.calls.wakeAll();
  }

  get size(): number {
    return this.all.size;
  }

  get busy(): number {
    return this.all.size - this.idle.length;
  }

  /** Calls that have no environment yet. */
  get waiting(): number {
    return this.calls.size;
  }

  /** Rejects with TooManyRequests, with FunctionFailed where the twin is stopping, or with the reason of the signal. */
  async take(version: string, { caller = '', signal }: InvokeOptions = {}): Promise<ExecutionEnvironment> {
    const { label } = this.options;
    for (;;) {
      if (this.ended) throw new FunctionFailed(label, twinStopping);
      const { environments, throttles } = this.current;
      if (this.busy < environments) {
        const idle = this.takeIdle(version);
        if (idle !== undefined) return idle;
        // Only what is busy counts, on Lambda: one of another version makes room.
        if (this.all.size >= environments) this.endOldestIdle();
        if (this.all.size < environments) return this.grow(version);
      }
      if (throttles) throw new TooManyRequests(label, environments);
      await this.calls.wait(caller, signal);
    }
  }

  release(environment: ExecutionEnvironment): void {
    if (!environment.usable) this.all.delete(environment);
    else if (this.outdated.has(environment)) this.retire(environment);
    else this.idle.push({ environment, sinceMs: performance.now() });
    this.calls.wakeNext();
  }

  /** One that ended by itself while it was idle. */
  remove(environment: ExecutionEnvironment): void {
    this.all.delete(environment);
    this.idle = this.idle.filter((each) => each.environment !== environment);
  }

  /** As if the machine under it were lost; false where there is no such environment. */
  kill(id: string): boolean {
    const environment = [...this.all].find((each) => each.id === id);
    void environment?.kill();
    return environment !== undefined;
  }

  /** What is taken from now on is made anew. */
  renew(): void {
    for (const environment of this.all) this.outdated.add(environment);
    this.endIdleSince(performance.now());
  }

  async end(): Promise<void> {
    this.ended = true;
    clearInterval(this.sweep);
    this.calls.wakeAll();
    await Promise.all([...this.all].map((environment) => environment.end()));
  }

  /** The newest. */
  private takeIdle(version: string): ExecutionEnvironment | undefined {
    const index = this.idle.findLastIndex(({ environment }) => environment.version === version);
    return index === -1 ? undefined : this.idle.splice(index, 1)[0]?.environment;
  }

  private endOldestIdle(): void {
    const oldest = this.idle.shift();
    if (oldest !== undefined) this.retire(oldest.environment);
  }

  private grow(version: string): ExecutionEnvironment {
    const environment = this.options.create(version);
    this.all.add(environment);
    this.coldStarts += 1;
    return environment;
  }

  private endIdleSince(thenMs: number): void {
    const old = this.idle.filter(({ sinceMs }) => sinceMs <= thenMs);
    this.idle = this.idle.filter(({ sinceMs }) => sinceMs > thenMs);
    for (const { environment } of old) this.retire(environment);
  }

  private retire(environment: ExecutionEnvironment): void {
    this.all.delete(environment);
    void environment.end();
  }
}
