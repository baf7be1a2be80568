// The stream behind its port: PutRecords succeeds record by record, so those refused are put again, with
// back-off, until all are acknowledged or the caller's time is nearly up.

import { KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import type { Pause } from '../../domain/back-off.ts';
import { type Clock, type EventStream, type StreamRecord, Unavailable } from '../../domain/ports.ts';
import { type Connection, clientOptions, type Patience } from '../client-options.ts';

export class StreamUnavailable extends Unavailable {
  override readonly name = 'StreamUnavailable';
  /** Error codes by how many records they met in the last try. */
  readonly codes: Readonly<Record<string, number>>;
  constructor(codes: Readonly<Record<string, number>>, options?: ErrorOptions) {
    super(`The stream did not take every record in time: ${JSON.stringify(codes)}`, options);
    this.codes = codes;
  }
}

/** One try by the SDK: the retries are ours, because they have to end with the request. */
export const createKinesisClient = (
  patience: Omit<Patience, 'maxAttempts'>,
  connection: Connection = {},
): KinesisClient => new KinesisClient({ ...clientOptions({ ...patience, maxAttempts: 1 }), ...connection });

export class KinesisEventStream implements EventStream {
  readonly #client: KinesisClient;
  readonly #stream: string;
  readonly #clock: Clock;
  readonly #pause: Pause;

  constructor(client: KinesisClient, stream: string, clock: Clock, pause: Pause) {
    this.#client = client;
    this.#stream = stream;
    this.#clock = clock;
    this.#pause = pause;
  }

  async put(records: readonly StreamRecord[], deadlineMs: number): Promise<void> {
    let left: PutRecordsRequestEntry[] = records.map((record) => ({
      PartitionKey: record.partitionKey,
      Data: record.data,
    }));
    for (let attempt = 0; ; attempt += 1) {
      const tried = await this.#try(left);
      if (tried.refused.length === 0) return;
      left = tried.refused;
      if (this.#clock.now() >= deadlineMs) throw new StreamUnavailable(tried.codes, { cause: tried.cause });
      await this.#pause(attempt);
      if (this.#clock.now() >= deadlineMs) throw new StreamUnavailable(tried.codes, { cause: tried.cause });
    }
  }

  async #try(entries: PutRecordsRequestEntry[]) {
    const codes: Record<string, number> = {};
    try {
      const answer = await this.#client.send(
        new PutRecordsCommand({ StreamName: this.#stream, Records: entries }),
      );
      const refused = entries.filter((_, index) => {
        const record = answer.Records?.[index];
        // Only a sequence number is an acknowledgement.
        if (record?.SequenceNumber !== undefined && record.ErrorCode === undefined) return false;
        const code = record?.ErrorCode ?? 'no answer';
        codes[code] = (codes[code] ?? 0) + 1;
        return true;
      });
      return { refused, codes };
    } catch (cause) {
      const name = cause instanceof Error ? cause.name : 'unknown';
      if (name === 'ValidationException' || name === 'SerializationException') throw cause;
      return { refused: entries, codes: { [name]: entries.length }, cause };
    }
  }
}
