// Reports once that a service or a function has begun to fail, and once that it no longer does: never a line a call.
// One or two failures are no outage, and are not reported.

import type { Clock } from './clock.ts';
import { isFullDisk } from './full-disk.ts';
import { AnswerLost, type AwsAnswer, type AwsCall, type Step } from './proxy/aws-call.ts';
import { throttleOf } from './proxy/service-errors.ts';
import type { Startable } from './start-in-phases.ts';

/** An outage is reported once it has lasted so long, with so many failures. */
const reportedAfterMs = 1000;
const reportedFromFailures = 3;
/** It is over when something has succeeded and nothing has failed for so long. */
const quietMs = 2000;

type Outage = {
  readonly sinceMs: number;
  failures: number;
  /** In the order in which they met it: bounded by the functions of the template and the twin's own parts. */
  readonly callers: Set<string>;
  /** Every failure so far was made by a rule of the fault plan. */
  isInjected: boolean;
  isReported: boolean;
  /** The first success after the latest failure; what waits then for another failure can be cancelled. */
  success: { readonly atMs: number; readonly cancel: () => void } | undefined;
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
    for (const { success } of this.current.values()) success?.cancel();
    this.current.clear();
  }

  /** Sees every call with what faults and limits make of it. */
  readonly step: Step = async (call, next) => {
    try {
      const answer = await next(call);
      const cause = causeIn(call, answer);
      if (cause === undefined) this.succeeded(call.service);
      else this.failed(call.service, cause, { ...call, isInjected: answer.isInjected });
      return answer;
    } catch (error) {
      if (error instanceof AnswerLost)
        this.failed(call.service, 'the connection was cut', { ...call, isInjected: error.isInjected });
      throw error;
    }
  };

  failed(
    what: string,
    cause: string,
    {
      caller,
      isInjected = false,
    }: { readonly caller?: string; readonly isInjected?: boolean | undefined } = {},
  ): void {
    const nowMs = this.options.clock.elapsed();
    const outage = this.current.get(what) ?? {
      sinceMs: nowMs,
      failures: 0,
      callers: new Set<string>(),
      isInjected: true,
      isReported: false,
      success: undefined,
    };
    this.current.set(what, outage);
    outage.success?.cancel();
    outage.success = undefined;
    outage.failures += 1;
    outage.isInjected &&= isInjected;
    if (caller !== undefined) outage.callers.add(caller);
    const isShort = outage.failures < reportedFromFailures || nowMs - outage.sinceMs < reportedAfterMs;
    if (outage.isReported || isShort) return;
    outage.isReported = true;
    const fault = outage.isInjected ? ' by an injected fault' : '';
    this.options.report(`${what} fails${renderCallers(outage)}${fault}: ${cause}`);
  }

  succeeded(what: string): void {
    const outage = this.current.get(what);
    if (outage === undefined || outage.success !== undefined) return;
    const { clock, report } = this.options;
    const atMs = clock.elapsed();
    const cancel = clock.after(quietMs, () => {
      this.current.delete(what);
      const seconds = ((atMs - outage.sinceMs) / 1000).toFixed(1);
      if (outage.isReported)
        report(
          `${what} no longer fails${renderCallers(outage)}: ${outage.failures} failures in ${seconds} s`,
        );
    });
    outage.success = { atMs, cancel };
  }
}

const namedCallers = 3;

function renderCallers({ callers }: Outage): string {
  const others = callers.size - namedCallers;
  const named = [...callers].slice(0, namedCallers).join(', ');
  return callers.size === 0 ? '' : ` for ${named}${others > 0 ? ` and ${others} more` : ''}`;
}

/** Undefined where the service did its work, or refused what the caller asked for. */
function causeIn(call: AwsCall, { status, headers, body }: AwsAnswer): string | undefined {
  if (status < 400) return undefined;
  const code =
    String(headers['x-amzn-errortype'] ?? codeIn(body))
      .split(/[#:]/)
      .at(-1) ?? '';
  if (status >= 500 && isFullDisk(body.toString())) return `${code}: the disk is full`;
  return status >= 500 || code === throttleOf(call).code ? code || `HTTP ${status}` : undefined;
}

function codeIn(body: Buffer): string {
  return (
    /"__type":\s*"(?:[^"#]*#)?([^"]+)"|<Code>([^<]+)<\/Code>/.exec(body.toString())?.slice(1).join('') ?? ''
  );
}
