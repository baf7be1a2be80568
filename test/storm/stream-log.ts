// Everything that was ever on a stream. It is kept when it is read, because a storm moves the clock past the retention.

import { KinesisClient } from '@aws-sdk/client-kinesis';
import { clientOptions, workTimeouts } from '../../adapters/aws/client-options.ts';
import { type ArrivedRecord, StreamReader } from '../../adapters/record/kinesis-stream-reader.ts';
import { recordNameOf } from '../../domain/record/record-id.ts';
import { minuteMs } from '../../domain/system/time.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { streamNamesOf } from '../support/stream.ts';
import {
  openStreamed,
  openStreamedRejections,
  type StreamedRecord,
  type StreamedRejections,
} from './streamed-record.ts';
import { operatorConnection } from './tables.ts';

export class StreamLog {
  readonly #client: KinesisClient;
  readonly #readers: readonly StreamReader[];
  readonly #sinceMs: number;
  readonly #arrived = new Map<string, ArrivedRecord>();
  readonly #byName = new Map<string, StreamedRecord>();
  readonly #rejections = new Map<string, StreamedRejections>();

  constructor(twin: RunningWeir) {
    this.#client = new KinesisClient({ ...clientOptions(workTimeouts), ...operatorConnection(twin) });
    this.#sinceMs = twin.clock.now() - minuteMs;
    const clock = { now: () => twin.clock.now(), sleep: async () => undefined };
    this.#readers = Object.values(streamNamesOf(twin)).map(
      (name) => new StreamReader({ client: this.#client, name, clock }),
    );
  }

  /** Reads the new records. Nothing may be put at the same time. */
  async refresh(): Promise<void> {
    for (const reader of this.#readers)
      for (const shardId of await reader.shardIds())
        for await (const records of reader.read(shardId, this.#sinceMs, Number.MAX_SAFE_INTEGER))
          for (const record of records) this.#add(record);
  }

  #add(record: ArrivedRecord): void {
    // Streams number their records alike.
    const place = `${record.partitionKey}/${record.sequenceNumber}`;
    if (this.#arrived.has(place)) return;
    this.#arrived.set(place, record);
    const opened = openStreamed(record.data);
    if (!opened) return;
    const name = recordNameOf(opened.header);
    if (opened.header.kind === 'rejections')
      this.#rejections.set(name, openStreamedRejections(record.data, opened.header));
    else this.#byName.set(name, opened);
  }

  /** All records, also those that the stream holds twice. */
  get arrived(): readonly ArrivedRecord[] {
    return [...this.#arrived.values()];
  }

  /** The shard of the first record of a batch. */
  shardOf(batchId: string): string {
    return this.arrived.find(({ data }) => openStreamed(data)?.header.batchId === batchId)?.shardId ?? '';
  }

  /** Each record of rejections once. */
  get rejections(): readonly StreamedRejections[] {
    return [...this.#rejections.values()];
  }

  /** Each record of events once, without those whose header cannot be read. */
  get records(): readonly StreamedRecord[] {
    return [...this.#byName.values()];
  }

  end(): void {
    this.#client.destroy();
  }
}
