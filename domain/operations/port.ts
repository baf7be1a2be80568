// What somebody on call looks at and turns: logs of functions, the access log, consumers of streams, concurrency.

import type { FunctionVerb } from '../system/stage-names.ts';
import type { Figure, Points } from './figures.ts';

export type TimeRange = { readonly fromMs: number; readonly toMs: number };

/** What a function logged. `fields` is the rest of the line, without secrets and data of clients, as functions log. */
export type LogLine = {
  readonly atMs: number;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** A request, as the access log has it. "-" where the gateway does not know a value. */
export type RequestLine = Readonly<
  Record<'status' | 'method' | 'route' | 'accountId' | 'keyId' | 'responseType' | 'ip', string>
> & {
  readonly atMs: number;
  /** As long as the gateway took, and of it the authorizer and the function: 0 where it called none. */
  readonly latencyMs: number;
  readonly authorizerMs: number;
  readonly integrationMs: number;
};

export type ConsumerState = {
  readonly verb: FunctionVerb;
  /** Of what polls its stream. */
  readonly mappingId: string;
  /** As Lambda names it: `Enabled`, `Disabled`, `Enabling`, … */
  readonly state: string;
  readonly lastResult: string;
  readonly parallelization: number;
  readonly maxAgeSeconds: number;
};

/** What is absent stays as it is. */
export type ConsumerChange = {
  readonly enabled?: boolean;
  readonly parallelization?: number;
  readonly maxAgeSeconds?: number;
};

export type Operations = {
  /** In their order. Only warnings and errors, unless all are asked for. */
  logs(verb: FunctionVerb, range: TimeRange, all: boolean): AsyncIterable<LogLine>;
  /** `status`: its first digit, such as 5, or all three. */
  requests(range: TimeRange, status: string | undefined): AsyncIterable<RequestLine>;
  /** Values by the beginning of each period, a time without data left out. One answer for each figure. */
  figures(figures: readonly Figure[], range: TimeRange, periodSeconds: number): Promise<readonly Points[]>;
  /** Of the functions among these that the stage has. */
  consumers(verbs: readonly FunctionVerb[]): Promise<readonly ConsumerState[]>;
  /** All at once: Lambda refuses a second change until the first one is in force. */
  changeConsumer(verb: FunctionVerb, change: ConsumerChange): Promise<void>;
  /** Reserved for the function. Undefined: nothing is. */
  concurrency(verb: FunctionVerb): Promise<number | undefined>;
  setConcurrency(verb: FunctionVerb, reserved: number | undefined): Promise<void>;
};
