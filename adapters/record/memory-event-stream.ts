// A stream in memory. It keeps records in the order in which they were put.

import type { EventStream, OutgoingRecord } from '../../domain/record/port.ts';

export class MemoryEventStream implements EventStream {
  readonly records: OutgoingRecord[] = [];

  async put(records: readonly OutgoingRecord[]): Promise<void> {
    this.records.push(...records);
  }
}
