// Puts records on the Kinesis stream. PutRecords succeeds record by record, so it puts refused records again, with
// back-off, until all are acknowledged, the deadline is near, or the breaker opens.

import { KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import type { EventStream, OutgoingRecord } from '../../domain/record/port.ts';
import type { BoundedPause } from '../../domain/system/back-off.ts';
import type { Breaker } from '../../domain/system/breaker.ts';
import type { Clock } from '../../domain/system/port.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';
import {
  isOutage,
  isOverload,
  noAnswer,
  type RefusalCodes,
  StreamBreakerOpen,
  StreamUnavailable,
} from './kinesis-errors.ts';

/** The SDK makes one attempt. The retries are made here, because they must end with the request. */
export const createKinesisClient = (
  timeouts: Omit<Timeouts, 'maxAttempts'>,
  connection: Connection = {},
): KinesisClient => new KinesisClient({ ...clientOptions({ ...timeouts, maxAttempts: 1 }), ...connection });

export type KinesisEventStreamDeps = {
  readonly client: KinesisClient;
  readonly name: string;
  readonly clock: Clock;
  readonly pause: BoundedPause;
  /** Shared by all requests of a function instance, so that one request learns from the failures of another. */
  readonly breaker: Breaker;
};

/**
 * No retry begins with less than this before the deadline. A try may end after the deadline by up to the client's
 * request timeout, so a caller sets the deadline that much early.
 */
const minTryMs = 200;

/** Our request is wrong, and a retry would fail too: a bug, not an outage. */
const permanentCodes = new Set(['ValidationException', 'SerializationException', 'InvalidArgumentException']);

type TryResult = {
  readonly refused: PutRecordsRequestEntry[];
  readonly codes: RefusalCodes;
  cause?: unknown;
};

export class KinesisEventStream implements EventStream {
  readonly #deps: KinesisEventStreamDeps;

  constructor(deps: KinesisEventStreamDeps) {
    this.#deps = deps;
  }

  async put(records: readonly OutgoingRecord[], deadlineMs: number): Promise<void> {
    const { clock, pause, breaker } = this.#deps;
    const lastStartMs = deadlineMs - minTryMs;
    let left: PutRecordsRequestEntry[] = records.map((record) => ({
      PartitionKey: record.partitionKey,
      Data: record.data,
    }));
    let last: ErrorOptions = {};
    for (let attempt = 0; ; attempt += 1) {
      const tried = await this.#try(left, last);
      if (tried.refused.length === 0) return;
      left = tried.refused;
      last = { cause: tried.cause };
      if (breaker.refusesForMs() > 0) throw new StreamBreakerOpen(breaker.refusesForMs(), last);
      const paused = await pause(attempt, lastStartMs);
      if (!paused || clock.now() > lastStartMs) throw new StreamUnavailable(tried.codes, last);
    }
  }

  /** One call, if the breaker admits it. `last`: the cause of the previous failure. */
  async #try(entries: PutRecordsRequestEntry[], last: ErrorOptions): Promise<TryResult> {
    const { client, name, breaker } = this.#deps;
    const call = breaker.admit();
    if (!call) throw new StreamBreakerOpen(breaker.refusesForMs(), last);
    try {
      const answer = await client.send(new PutRecordsCommand({ StreamName: name, Records: entries }));
      const { refused, codes } = refusals(entries, answer.Records ?? []);
      if (refused.length === entries.length && isOutage(codes)) call.failed();
      else call.succeeded();
      return { refused, codes };
    } catch (cause) {
      const code = cause instanceof Error ? cause.name : 'unknown';
      const isPermanent = permanentCodes.has(code);
      const codes = { [code]: entries.length };
      // A stream that answers that the request is wrong or too large is available.
      if (isPermanent || isOverload(codes)) call.succeeded();
      else call.failed();
      if (isPermanent) throw cause;
      return { refused: entries, codes, cause };
    }
  }
}

type Acknowledgement = { readonly SequenceNumber?: string; readonly ErrorCode?: string };

function refusals(entries: PutRecordsRequestEntry[], answers: readonly Acknowledgement[]): TryResult {
  const codes: Record<string, number> = {};
  const refused = entries.filter((_, index) => {
    const answer = answers[index];
    // Only a sequence number is an acknowledgement.
    if (answer?.SequenceNumber !== undefined && answer.ErrorCode === undefined) return false;
    const code = answer?.ErrorCode ?? noAnswer;
    codes[code] = (codes[code] ?? 0) + 1;
    return true;
  });
  return { refused, codes };
}
