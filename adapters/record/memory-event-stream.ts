// A stream in memory. It keeps records in the order in which they were put, and optional ones by themselves.

import type { EventStream, OutgoingRecord } from '../../domain/record/port.ts';

export class MemoryEventStream implements EventStream {
  readonly records: OutgoingRecord[] = [];
  readonly optional: OutgoingRecord[] = [];

  async put(records: readonly OutgoingRecord[]): Promise<void> {
    for (const record of records) (record.isOptional ? this.optional : this.records).push(record);
  }
}
