// A stream in memory: keeps what was put, in order.

import type { EventStream, StreamRecord } from '../../domain/ports.ts';

export class MemoryEventStream implements EventStream {
  readonly records: StreamRecord[] = [];

  async put(records: readonly StreamRecord[]): Promise<void> {
    this.records.push(...records);
  }
}
