// The stream behind its port: PutRecords succeeds record by record, so those refused are put again, with
// back-off, until all are acknowledged, the caller's time is nearly up, or the breaker opens.

import { KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import type { EventStream, OutgoingRecord } from '../../domain/record/port.ts';
import type { BoundedPause } from '../../domain/system/back-off.ts';
import type { Breaker } from '../../domain/system/breaker.ts';
import type { Clock } from '../../domain/system/port.ts';
import { type Connection, clientOptions, type Patience } from '../aws/client-options.ts';
import {
  isOutage,
  isOverload,
  noAnswer,
  type RefusalCodes,
  StreamBreakerOpen,
  StreamUnavailable,
} from './kinesis-errors.ts';

/** One try by the SDK: the retries are ours, because they have to end with the request. */
export const createKinesisClient = (
  patience: Omit<Patience, 'maxAttempts'>,
  connection: Connection = {},
): KinesisClient => new KinesisClient({ ...clientOptions({ ...patience, maxAttempts: 1 }), ...connection });

export type KinesisEventStreamDeps = {
  readonly client: KinesisClient;
  readonly name: string;
  readonly clock: Clock;
  readonly pause: BoundedPause;
  /** One for all requests of a function instance: it learns from each what the next need not find out. */
  readonly breaker: Breaker;
};

/**
 * With less than this before the deadline no other try begins. One that began may end after the deadline, by as much
 * as the client's request time-out: whoever gives the deadline keeps that back.
 */
const leastTryMs = 200;

/** The request is wrong, and would be at the next try: a bug of ours, and no outage. */
const ownFaults = new Set(['ValidationException', 'SerializationException', 'InvalidArgumentException']);

type Tried = { readonly refused: PutRecordsRequestEntry[]; readonly codes: RefusalCodes; cause?: unknown };

export class KinesisEventStream implements EventStream {
  readonly #deps: KinesisEventStreamDeps;

  constructor(deps: KinesisEventStreamDeps) {
    this.#deps = deps;
  }

  async put(records: readonly OutgoingRecord[], deadlineMs: number): Promise<void> {
    const { clock, pause, breaker } = this.#deps;
    const lastStartMs = deadlineMs - leastTryMs;
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

  /** A call under the breaker; `last` is what came of the one before. */
  async #try(entries: PutRecordsRequestEntry[], last: ErrorOptions): Promise<Tried> {
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
      const isOurs = ownFaults.has(code);
      const codes = { [code]: entries.length };
      // The stream is there where it says that the request is wrong, or too much.
      if (isOurs || isOverload(codes)) call.succeeded();
      else call.failed();
      if (isOurs) throw cause;
      return { refused: entries, codes, cause };
    }
  }
}

type Acknowledgement = { readonly SequenceNumber?: string; readonly ErrorCode?: string };

function refusals(entries: PutRecordsRequestEntry[], answers: readonly Acknowledgement[]): Tried {
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
