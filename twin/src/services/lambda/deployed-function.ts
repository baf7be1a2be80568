// One function of the template: invoked with Lambda's bounds on payloads, counted, and its code replaceable. Its versions
// share its bound on environments.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import {
  FunctionFailed,
  type InvokeOptions,
  PayloadTooLarge,
  TooManyRequests,
  twinStopping,
} from '../../core/invocation.ts';
import type { MetricSink } from '../../core/metric-sink.ts';
import type { Outages } from '../../core/outages.ts';
import { type EnvironmentLimit, EnvironmentPool } from './environment-pool.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import type { FunctionLog } from './function-log.ts';
import { FunctionMetrics } from './function-metrics.ts';
import type { FunctionSettings } from './function-settings.ts';

const maxPayloadBytes = 6 * 1024 * 1024;

export type DeployedFunctionOptions = {
  readonly outages: Pick<Outages, 'failed' | 'succeeded'>;
  readonly settings: FunctionSettings & { readonly codeFolder: string };
  /** Added to the settings' own: credentials and where AWS is. */
  readonly connection: Readonly<Record<string, string>>;
  /** As those of the settings; asked for when an environment is made. */
  readonly added: () => Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly metrics: MetricSink;
  readonly keepIdleMs: number;
  readonly log: FunctionLog;
  readonly report: (problem: string) => void;
};

export type FunctionActivity = {
  readonly environments: number;
  readonly busy: number;
  /** Calls that have no environment yet. */
  readonly waiting: number;
  readonly invocations: number;
  readonly cold_starts: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly throttles: number;
  /** Of each version that ran. */
  readonly versions: Readonly<Record<string, VersionActivity>>;
};

export type VersionActivity = { readonly invocations: number; readonly errors: number };

/** The version that runs, and the ARN that was called: the function learns both. */
export type Called = { readonly version: string; readonly arn: string };

export class DeployedFunction {
  readonly settings: FunctionSettings;
  /** What the next environment runs, but for versions with code of their own. */
  codeFolder: string;
  private readonly codeOfVersions = new Map<string, string>();
  private readonly log: FunctionLog;
  private readonly report: (problem: string) => void;
  private readonly outages: DeployedFunctionOptions['outages'];
  private readonly environments: EnvironmentPool;
  private readonly clock: Clock;
  private readonly metrics: FunctionMetrics;
  private reserved: number | undefined;
  private readonly counts = { invocations: 0, errors: 0, timeouts: 0, throttles: 0 };
  private readonly countsOfVersions = new Map<string, { invocations: number; errors: number }>();

  constructor(options: DeployedFunctionOptions) {
    const { settings, connection, added, clock, keepIdleMs, log, report, metrics } = options;
    this.outages = options.outages;
    this.settings = settings;
    this.reserved = settings.isReserved ? settings.maxEnvironments : undefined;
    this.log = log;
    this.report = report;
    this.codeFolder = settings.codeFolder;
    this.clock = clock;
    this.metrics = new FunctionMetrics({ functionName: settings.name, metrics, clock });
    this.environments = new EnvironmentPool({
      label: settings.label,
      limit: this.limitOf(this.reserved),
      keepIdleMs,
      create: (version) =>
        new ExecutionEnvironment({
          settings,
          version,
          codeFolder: this.codeOfVersions.get(version) ?? this.codeFolder,
          variables: { ...settings.environment, ...added(), ...connection },
          clock,
          log,
          onCrash: (environment, failure) => this.crashed(environment, failure),
        }),
    });
  }

  get activity(): FunctionActivity {
    const { size, busy, waiting, coldStarts } = this.environments;
    const versions = Object.fromEntries([...this.countsOfVersions].map(([name, of]) => [name, { ...of }]));
    return { environments: size, busy, waiting, cold_starts: coldStarts, ...this.counts, versions };
  }

  get reservedConcurrency(): number | undefined {
    return this.reserved;
  }

  /** Of 0, it throttles everything. What runs already runs on. */
  set reservedConcurrency(reserved: number | undefined) {
    this.reserved = reserved;
    this.environments.limit = this.limitOf(reserved);
  }

  /** Rejects as an Invoker does. */
  async invoke(called: Called, event: unknown, options: InvokeOptions = {}): Promise<unknown> {
    const { label } = this.settings;
    const text = JSON.stringify(event);
    const bytes = Buffer.byteLength(text);
    if (bytes > maxPayloadBytes) throw new PayloadTooLarge(label, bytes);
    try {
      const payload = await this.run(called, text, options);
      this.outages.succeeded(`the function ${label}`);
      return JSON.parse(payload);
    } catch (error) {
      if (error instanceof TooManyRequests) {
        this.counts.throttles += 1;
        this.metrics.throttled();
      }
      if (error instanceof FunctionFailed) this.failed(error, called.version);
      throw error;
    }
  }

  /** False where there is no such environment any more. */
  kill(environmentId: string): boolean {
    return this.environments.kill(environmentId);
  }

  /** All versions run it. Invocations under way end on the code that they began with. */
  replaceCode(folder: string): void {
    this.codeFolder = folder;
    this.codeOfVersions.clear();
    this.environments.renew();
  }

  addVersion(version: string, folder: string): void {
    this.codeOfVersions.set(version, folder);
  }

  end(): Promise<void> {
    return this.environments.end();
  }

  private limitOf(reserved: number | undefined): EnvironmentLimit {
    return reserved === undefined
      ? { environments: this.settings.unreservedEnvironments, throttles: false }
      : { environments: reserved, throttles: true };
  }

  private async run(called: Called, event: string, options: InvokeOptions): Promise<string> {
    const environment = await this.environments.take(called.version, options);
    this.counts.invocations += 1;
    this.countsOf(called.version).invocations += 1;
    const beganAtMs = this.clock.now();
    const beganAt = this.clock.elapsed();
    const concurrency = this.environments.busy;
    let hasFailed = true;
    try {
      const payload = await environment.invoke(event, options.requestId ?? randomUUID(), called.arn);
      if (Buffer.byteLength(payload) > maxPayloadBytes)
        throw new FunctionFailed(this.settings.label, {
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: `Response payload size exceeded maximum allowed payload size (${maxPayloadBytes} bytes).`,
          trace: [],
        });
      hasFailed = false;
      return payload;
    } finally {
      this.environments.release(environment);
      const durationMs = this.clock.elapsed() - beganAt;
      this.metrics.invoked({ beganAtMs, durationMs, hasFailed, concurrency }, called);
    }
  }

  private failed({ payload }: FunctionFailed, version: string): void {
    if (payload === twinStopping) return;
    this.counts.errors += 1;
    this.countsOf(version).errors += 1;
    const { label } = this.settings;
    // So an authorizer says 401, which is its work.
    if (payload.errorMessage !== 'Unauthorized')
      this.outages.failed(`the function ${label}`, `${payload.errorType}: ${payload.errorMessage}`);
    if (payload.errorType === 'Sandbox.Timedout') this.counts.timeouts += 1;
    this.log.addFailure(payload);
  }

  /** Between invocations: no caller fails of it. */
  private crashed(environment: ExecutionEnvironment, failure: FunctionFailed): void {
    this.environments.remove(environment);
    this.failed(failure, environment.version);
    this.report(`Between invocations: ${failure.message.replaceAll(/\s*\n\s*/g, ' ')}`);
  }

  private countsOf(version: string): { invocations: number; errors: number } {
    const known = this.countsOfVersions.get(version) ?? { invocations: 0, errors: 0 };
    this.countsOfVersions.set(version, known);
    return known;
  }
}
