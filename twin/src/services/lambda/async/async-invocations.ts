// Asynchronous invocations, as Lambda does them for schedules, topics and buckets: retried by the twin's clock, then
// discarded to a destination. What waits for a retry is in memory, and lost when the twin ends.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import {
  type AsyncInvoker,
  FunctionFailed,
  type Invoker,
  TooManyRequests,
} from '../../../core/invocation.ts';
import type { MetricSink } from '../../../core/metric-sink.ts';
import type { Next } from '../../../core/proxy/aws-call.ts';
import type { Startable } from '../../../core/start-in-phases.ts';
import { functionNameOf, type Template } from '../../../template/template.ts';
import { FunctionMetrics } from '../function-metrics.ts';
import { type AsyncSettings, readAsyncSettings } from './async-settings.ts';
import { createDestinations, type Destinations } from './destinations.ts';
import type { Ended } from './invocation-record.ts';
import { pauseBeforeNextMs } from './retry-pause.ts';

export type AsyncInvocationsOptions = {
  readonly template: Template;
  readonly functions: Invoker;
  /** Through the proxy, to destinations. */
  readonly send: Next;
  readonly clock: Pick<Clock, 'now' | 'elapsed' | 'after'>;
  readonly metrics: MetricSink;
  readonly report: (problem: string) => void;
};

type Pending = {
  readonly functionArn: string;
  readonly event: unknown;
  readonly requestId: string;
  readonly settings: AsyncSettings;
  readonly sinceMs: number;
  failures: number;
  throttles: number;
  failure: FunctionFailed | undefined;
  /** That of the latest try. */
  executedVersion: string | undefined;
};

export class AsyncInvocations implements Startable, AsyncInvoker {
  readonly name = 'the asynchronous invocations';
  private readonly options: AsyncInvocationsOptions;
  private readonly destinations: Destinations;
  private readonly pauses = new Set<() => void>();
  private readonly metricsByName = new Map<string, FunctionMetrics>();
  /** From the start to the end. */
  private settingsOf: ((functionArn: string) => AsyncSettings) | undefined;

  constructor(options: AsyncInvocationsOptions) {
    this.options = options;
    const { send, clock, report, template } = options;
    const invoke = (functionArn: string, event: unknown) => this.invoke(functionArn, event);
    this.destinations = createDestinations({
      ...{ template, send, invoke, report },
      now: clock.now,
      metricsOf: (functionArn) => this.metricsOf(functionArn),
    });
  }

  async start(): Promise<void> {
    this.settingsOf = readAsyncSettings(this.options.template);
  }

  async end(): Promise<void> {
    this.settingsOf = undefined;
    for (const cancel of this.pauses) cancel();
    this.pauses.clear();
  }

  invoke(functionArn: string, event: unknown): void {
    if (this.settingsOf === undefined) return;
    this.metricsOf(functionArn).count('AsyncEventsReceived');
    void this.attempt({
      functionArn,
      event,
      requestId: randomUUID(),
      settings: this.settingsOf(functionArn),
      sinceMs: this.options.clock.elapsed(),
      failures: 0,
      throttles: 0,
      failure: undefined,
      executedVersion: undefined,
    });
  }

  private async attempt(pending: Pending): Promise<void> {
    const { functionArn, event, requestId, settings } = pending;
    let answer: unknown;
    try {
      answer = await this.options.functions.invoke(functionArn, event, {
        requestId,
        onVersion: (version) => {
          pending.executedVersion = version;
        },
      });
    } catch (error) {
      // What the end of the twin interrupts is no problem.
      if (this.settingsOf !== undefined) await this.failed(pending, error as Error);
      return;
    }
    if (settings.onSuccess === undefined) return;
    const invocations = pending.failures + 1;
    const { executedVersion } = pending;
    const outcome = { condition: 'Success', invocations, executedVersion, answer } as const;
    const ended = { functionArn, event, requestId, ...outcome };
    await this.destinations.record(settings.onSuccess, ended);
  }

  private async failed(pending: Pending, error: Error): Promise<void> {
    if (error instanceof FunctionFailed) {
      pending.failures += 1;
      pending.failure = error;
      await this.tryAgain(pending, 'failed', error.message);
    } else if (error instanceof TooManyRequests) {
      pending.throttles += 1;
      await this.tryAgain(pending, 'throttled', error.message);
    } else this.options.report(`${error.message} An event for it is lost.`);
  }

  private async tryAgain(pending: Pending, last: 'failed' | 'throttled', problem: string): Promise<void> {
    const { maxRetries, maxAgeMs } = pending.settings;
    const pauseMs = pauseBeforeNextMs(last, pending, maxRetries);
    if (pauseMs === undefined) return this.discard(pending, 'RetriesExhausted');
    const leftMs = maxAgeMs - this.ageMs(pending);
    // A throttle is reported once: it may come again and again for hours.
    if (last === 'failed' || pending.throttles === 1) {
      const next = pauseMs < leftMs ? 'tried again' : 'too old';
      const seconds = Math.max(0, Math.ceil(Math.min(pauseMs, leftMs) / 1000));
      this.options.report(`${problem.replaceAll(/\s*\n\s*/g, ' ')} (${next} in ${seconds} s)`);
    }
    this.after(Math.min(pauseMs, leftMs), () =>
      this.ageMs(pending) >= maxAgeMs ? this.discard(pending, 'EventAgeExceeded') : this.attempt(pending),
    );
  }

  private metricsOf(functionArn: string): FunctionMetrics {
    const functionName = functionNameOf(functionArn);
    const known = this.metricsByName.get(functionName);
    if (known !== undefined) return known;
    const made = new FunctionMetrics({ ...this.options, functionName });
    this.metricsByName.set(functionName, made);
    return made;
  }

  private ageMs({ sinceMs }: Pending): number {
    return this.options.clock.elapsed() - sinceMs;
  }

  private after(pauseMs: number, next: () => Promise<void>): void {
    const cancel = this.options.clock.after(pauseMs, () => {
      this.pauses.delete(cancel);
      void next();
    });
    this.pauses.add(cancel);
  }

  private async discard(pending: Pending, condition: Ended['condition']): Promise<void> {
    const { functionArn, event, requestId, settings, failures, failure, executedVersion } = pending;
    this.metricsOf(functionArn).count('AsyncEventsDropped');
    const { onFailure, deadLetter } = settings;
    const where = [onFailure, deadLetter].flatMap((target) => target?.arn ?? []).join(' and ');
    this.options.report(
      `${this.options.template.labelOf(functionArn)}: an event is discarded (${condition}) and goes to ${where || 'nowhere: there is no destination'}`,
    );
    const ended = {
      ...{ functionArn, event, requestId, condition, executedVersion },
      invocations: failures,
      failure: failure?.payload,
    };
    if (onFailure !== undefined) await this.destinations.record(onFailure, ended);
    if (deadLetter !== undefined) await this.destinations.sendToDeadLetterQueue(deadLetter, ended);
  }
}
