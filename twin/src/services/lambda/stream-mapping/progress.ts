// The checkpoint of a shard that several processors work on: the record before the first that is not done.

import type { StreamRecord } from './kinesis-event.ts';

export class Progress {
  private readonly held: StreamRecord[] = [];
  private readonly done = new Set<StreamRecord>();
  private heldBytes = 0;
  private position: string | undefined;

  /** The last record up to which everything is done with. */
  get checkpoint(): string | undefined {
    return this.position;
  }

  /** The first that is not done. */
  get oldest(): StreamRecord | undefined {
    return this.held[0];
  }

  get size(): { readonly records: number; readonly bytes: number } {
    return { records: this.held.length, bytes: this.heldBytes };
  }

  constructor(checkpoint: string | undefined) {
    this.position = checkpoint;
  }

  /** In the order of the shard. */
  read(records: readonly StreamRecord[]): void {
    this.held.push(...records);
    for (const { Data } of records) this.heldBytes += Data.length;
  }

  /** True where the checkpoint moved. */
  finish(records: readonly StreamRecord[]): boolean {
    for (const record of records) this.done.add(record);
    const count = this.held.findIndex((record) => !this.done.has(record));
    const finished = this.held.splice(0, count === -1 ? this.held.length : count);
    for (const record of finished) {
      this.done.delete(record);
      this.heldBytes -= record.Data.length;
    }
    this.position = finished.at(-1)?.SequenceNumber ?? this.position;
    return finished.length > 0;
  }
}
