// A stream in memory: keeps what was put, in order.

import type { EventStream, OutgoingRecord } from '../../domain/record/port.ts';

export class MemoryEventStream implements EventStream {
  readonly records: OutgoingRecord[] = [];

  async put(records: readonly OutgoingRecord[]): Promise<void> {
    this.records.push(...records);
  }
}
