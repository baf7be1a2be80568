// Reports once that a service or a function has begun to fail, and once that it no longer does: never a line a call.
// One or two failures are no outage, and are not reported.

import type { Clock } from './clock.ts';
import { AnswerLost, type AwsAnswer, type AwsCall, type Step } from './proxy/aws-call.ts';
import { throttleOf } from './proxy/service-errors.ts';
import type { Startable } from './start-in-phases.ts';

/** An outage is reported once it has lasted so long, with so many failures. */
const reportedAfterMs = 1000;
const reportedFromFailures = 3;
/** It is over when nothing has failed for so long. */
const quietMs = 2000;

type Outage = {
  readonly sinceMs: number;
  readonly stopWaiting: { call: () => void };
  lastMs: number;
  failures: number;
  isReported: boolean;
};

export type OutagesOptions = {
  readonly clock: Pick<Clock, 'elapsed' | 'after'>;
  readonly report: (problem: string) => void;
};

export class Outages implements Startable {
  readonly name = 'the outages';
  private readonly options: OutagesOptions;
  /** By what fails: bounded by the services and functions of the template. */
  private readonly current = new Map<string, Outage>();

  constructor(options: OutagesOptions) {
    this.options = options;
  }

  async start(): Promise<void> {}

  async end(): Promise<void> {
    for (const { stopWaiting } of this.current.values()) stopWaiting.call();
    this.current.clear();
  }

  /** Sees every call with what faults and limits make of it. */
  readonly step: Step = async (call, next) => {
    try {
      const answer = await next(call);
      const cause = causeIn(call, answer);
      if (cause !== undefined) this.failed(call.service, cause);
      return answer;
    } catch (error) {
      if (error instanceof AnswerLost) this.failed(call.service, 'the connection was cut');
      throw error;
    }
  };

  failed(what: string, cause: string): void {
    const nowMs = this.options.clock.elapsed();
    const outage = this.current.get(what) ?? this.begin(what, nowMs);
    outage.lastMs = nowMs;
    outage.failures += 1;
    if (
      outage.isReported ||
      outage.failures < reportedFromFailures ||
      nowMs - outage.sinceMs < reportedAfterMs
    )
      return;
    outage.isReported = true;
    this.options.report(`${what} fails: ${cause}`);
  }

  private begin(what: string, nowMs: number): Outage {
    const outage: Outage = {
      sinceMs: nowMs,
      lastMs: nowMs,
      failures: 0,
      isReported: false,
      stopWaiting: { call: () => {} },
    };
    this.current.set(what, outage);
    this.wait(what, outage, quietMs);
    return outage;
  }

  private wait(what: string, outage: Outage, durationMs: number): void {
    const { clock } = this.options;
    outage.stopWaiting.call = clock.after(durationMs, () => {
      const leftMs = outage.lastMs + quietMs - clock.elapsed();
      if (leftMs > 0) return this.wait(what, outage, leftMs);
      this.current.delete(what);
      if (outage.isReported) this.options.report(ending(what, outage));
    });
  }
}

function ending(what: string, { failures, sinceMs, lastMs }: Outage): string {
  return `${what} no longer fails: ${failures} failures in ${((lastMs - sinceMs) / 1000).toFixed(1)} s`;
}

/** Undefined where the service did its work, or refused what the caller asked for. */
function causeIn(call: AwsCall, { status, headers, body }: AwsAnswer): string | undefined {
  if (status < 400) return undefined;
  const code =
    String(headers['x-amzn-errortype'] ?? codeIn(body))
      .split(/[#:]/)
      .at(-1) ?? '';
  return status >= 500 || code === throttleOf(call).code ? code || `HTTP ${status}` : undefined;
}

function codeIn(body: Buffer): string {
  return (
    /"__type":\s*"(?:[^"#]*#)?([^"]+)"|<Code>([^<]+)<\/Code>/.exec(body.toString())?.slice(1).join('') ?? ''
  );
}
