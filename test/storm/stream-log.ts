// All that the stream ever held, kept as it is read: the clock of a storm goes further than a stream remembers.

import { KinesisClient } from '@aws-sdk/client-kinesis';
import { clientOptions, workTimeouts } from '../../adapters/aws/client-options.ts';
import { type ArrivedRecord, StreamReader } from '../../adapters/record/kinesis-stream-reader.ts';
import { recordNameOf } from '../../domain/record/record-id.ts';
import { minuteMs } from '../../domain/system/time.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { openStreamed, type StreamedRecord } from './streamed-record.ts';
import { operatorConnection } from './tables.ts';

export class StreamLog {
  readonly #client: KinesisClient;
  readonly #reader: StreamReader;
  readonly #sinceMs: number;
  readonly #arrived = new Map<string, ArrivedRecord>();
  readonly #byName = new Map<string, StreamedRecord>();

  constructor(twin: RunningWeir) {
    this.#client = new KinesisClient({ ...clientOptions(workTimeouts), ...operatorConnection(twin) });
    const [stream] = twin.system.resources('AWS::Kinesis::Stream');
    this.#sinceMs = twin.clock.now() - minuteMs;
    this.#reader = new StreamReader({
      client: this.#client,
      name: stream?.name ?? '',
      clock: { now: () => twin.clock.now(), sleep: async () => undefined },
    });
  }

  /** Reads what came since; nothing may be put meanwhile. */
  async refresh(): Promise<void> {
    for (const shardId of await this.#reader.shardIds())
      for await (const records of this.#reader.read(shardId, this.#sinceMs, Number.MAX_SAFE_INTEGER))
        for (const record of records) this.#add(record);
  }

  #add(record: ArrivedRecord): void {
    if (this.#arrived.has(record.sequenceNumber)) return;
    this.#arrived.set(record.sequenceNumber, record);
    const opened = openStreamed(record.data);
    if (opened) this.#byName.set(recordNameOf(opened.header), opened);
  }

  /** As they lie on the stream, twice where it holds them twice. */
  get arrived(): readonly ArrivedRecord[] {
    return [...this.#arrived.values()];
  }

  /** Where the records of a batch lie; the first of them, where they are in several. */
  shardOf(batchId: string): string {
    return this.arrived.find(({ data }) => openStreamed(data)?.header.batchId === batchId)?.shardId ?? '';
  }

  /** Each once, and only those that say whose they are. */
  get records(): readonly StreamedRecord[] {
    return [...this.#byName.values()];
  }

  end(): void {
    this.#client.destroy();
  }
}
