// Puts records on the Kinesis stream. PutRecords succeeds record by record, so it puts refused records again, with
// back-off, until all are acknowledged, the deadline is near, or the breaker opens. If a shard has too many records, it
// gives up much earlier: its account must not keep the concurrency of ingest, which all accounts share.

import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { EventStream, OutgoingRecord } from '../../domain/record/port.ts';
import type { StreamHealth } from '../../domain/record/stream-health.ts';
import type { BoundedPause } from '../../domain/system/back-off.ts';
import type { Clock } from '../../domain/system/port.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';
import {
  type FailureOptions,
  HotPartitionKey,
  isOutage,
  isOverload,
  isThroughputCode,
  noAnswer,
  type RefusalCodes,
  StreamBreakerOpen,
  StreamUnavailable,
} from './kinesis-errors.ts';
import { type Acknowledgement, createPutRecords, type PutRecords } from './kinesis-put-records.ts';

export type StreamClient = { readonly putRecords: PutRecords };

/** It makes one attempt. The retries are made here, because they must end with the request. */
export function createKinesisClient(
  timeouts: Omit<Timeouts, 'maxAttempts'>,
  connection: Connection = {},
): StreamClient {
  const client = new KinesisClient({ ...clientOptions({ ...timeouts, maxAttempts: 1 }), ...connection });
  return { putRecords: createPutRecords(client) };
}

export type KinesisEventStreamDeps = {
  readonly client: StreamClient;
  readonly name: string;
  readonly clock: Clock;
  readonly pause: BoundedPause;
  /** Before the second try of records that a shard refused. */
  readonly overloadPause: BoundedPause;
  /** Shared by all requests of a function instance. */
  readonly health: StreamHealth;
  /** For each optional record that the stream did not take. */
  readonly onLeftOut?: () => void;
};

/**
 * No retry begins with less than this before the deadline. A try may end after the deadline by up to the client's
 * request timeout, so a caller sets the deadline that much early.
 */
const minTryMs = 200;

/** How long, and how often, a request tries if its shard has too much. The second try needs `tryMs` of that. */
export const overload = { tries: 2, ms: 300, tryMs: 100 } as const;

/** Our request is wrong, and a retry would fail too: a bug, not an outage. */
const permanentCodes = new Set(['ValidationException', 'SerializationException', 'InvalidArgumentException']);

type TryResult = {
  readonly refused: readonly OutgoingRecord[];
  /** By the answer, all that are not optional were refused. */
  readonly isNothingTaken: boolean;
  readonly codes: RefusalCodes;
  /** Keys of records that their shard refused because it has too many. */
  readonly throttled: ReadonlySet<string>;
  readonly cause?: unknown;
};

export class KinesisEventStream implements EventStream {
  readonly #deps: KinesisEventStreamDeps;

  constructor(deps: KinesisEventStreamDeps) {
    this.#deps = deps;
  }

  async put(records: readonly OutgoingRecord[], deadlineMs: number): Promise<void> {
    if (records.every(({ isOptional }) => isOptional)) return this.#offer(records, deadlineMs);
    const { clock, pause, overloadPause, health } = this.#deps;
    const lastStartMs = deadlineMs - minTryMs;
    const lastOverloadedStartMs = Math.min(lastStartMs, clock.now() + overload.ms - overload.tryMs);
    let left = records;
    let last: FailureOptions = { hadNoEffect: true };
    let overloads = 0;
    for (let attempt = 0; ; attempt += 1) {
      const tried = await this.#try(left, last);
      if (tried.refused.length === 0) return;
      // A call without an answer may have put them.
      const hadNoEffect = last.hadNoEffect && tried.isNothingTaken && isOverload(tried.codes);
      left = tried.refused;
      last = { cause: tried.cause, ...(hadNoEffect && { hadNoEffect }) };
      const refusal = health.refuses(keysOf(left));
      if (refusal?.reason === 'broken') throw new StreamBreakerOpen(refusal.forMs, last);
      const isOverloaded = Object.keys(tried.codes).some(isThroughputCode);
      if (isOverloaded) overloads += 1;
      const untilMs = isOverloaded ? lastOverloadedStartMs : lastStartMs;
      const mayRetry = overloads < overload.tries;
      const paused = mayRetry && (await (isOverloaded ? overloadPause : pause)(attempt, untilMs));
      if (paused && clock.now() <= untilMs) continue;
      health.rememberHot(tried.throttled);
      throw new StreamUnavailable(tried.codes, last);
    }
  }

  /** One call, if the health of the stream admits it. `last`: what the previous failures say. */
  async #try(records: readonly OutgoingRecord[], last: FailureOptions): Promise<TryResult> {
    const { client, name, health } = this.#deps;
    const required = records.filter(({ isOptional }) => !isOptional);
    const keys = keysOf(required);
    const refusal = health.refuses(keys);
    if (refusal?.reason === 'hot') throw new HotPartitionKey(last);
    const call = health.admit(keys);
    if (!call) throw new StreamBreakerOpen(refusal?.forMs ?? 0, last);
    try {
      const answered = await client.putRecords(name, records);
      const { failed, ...result } = readAnswer(records, answered);
      call.answered(failed);
      this.#noteLeftOut(records, answered);
      return result;
    } catch (cause) {
      const code = cause instanceof Error ? cause.name : 'unknown';
      const isPermanent = permanentCodes.has(code);
      const codes = { [code]: records.length };
      // A stream that answers that the request is wrong or too large is available.
      if (isPermanent || isOverload(codes)) call.answered(new Set());
      else call.failed();
      if (isPermanent) throw cause;
      this.#noteLeftOut(records, []);
      return { refused: required, isNothingTaken: true, codes, throttled: new Set(), cause };
    }
  }

  /** What is offered shows nothing of the stream: a short deadline fails where others wait. */
  async #offer(records: readonly OutgoingRecord[], deadlineMs: number): Promise<void> {
    const { client, name, clock, health } = this.#deps;
    const leftMs = deadlineMs - clock.now();
    const isRefused = leftMs <= 0 || health.refuses(keysOf(records)) !== undefined;
    const answered = isRefused
      ? []
      : await client.putRecords(name, records, AbortSignal.timeout(leftMs)).catch(() => []);
    this.#noteLeftOut(records, answered);
  }

  #noteLeftOut(records: readonly OutgoingRecord[], answered: readonly Acknowledgement[]): void {
    for (const [index, { isOptional }] of records.entries())
      if (isOptional && !isTaken(answered[index])) this.#deps.onLeftOut?.();
  }
}

/** Only a sequence number is an acknowledgement. */
const isTaken = ({ SequenceNumber, ErrorCode }: Acknowledgement = {}): boolean =>
  SequenceNumber !== undefined && ErrorCode === undefined;

const keysOf = (records: readonly OutgoingRecord[]): readonly string[] => [
  ...new Set(records.map(({ partitionKey }) => partitionKey)),
];

type Answer = TryResult & {
  /** Keys of which no record was taken, for another reason than too many. */
  readonly failed: ReadonlySet<string>;
};

function readAnswer(
  records: readonly OutgoingRecord[],
  acknowledgements: readonly Acknowledgement[],
): Answer {
  const codes: Record<string, number> = {};
  const throttled = new Set<string>();
  const failed = new Set(keysOf(records.filter(({ isOptional }) => !isOptional)));
  const refused = records.filter(({ partitionKey, isOptional }, index) => {
    if (isOptional) return false;
    const isAcknowledged = isTaken(acknowledgements[index]);
    const code = acknowledgements[index]?.ErrorCode ?? noAnswer;
    if (isAcknowledged || !isOutage(code)) failed.delete(partitionKey);
    if (isAcknowledged) return false;
    if (isThroughputCode(code)) throttled.add(partitionKey);
    codes[code] = (codes[code] ?? 0) + 1;
    return true;
  });
  const isNothingTaken = refused.length === records.filter(({ isOptional }) => !isOptional).length;
  return { refused, isNothingTaken, codes, throttled, failed };
}
