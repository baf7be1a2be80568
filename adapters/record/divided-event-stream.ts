// A stream for late events beside one of live events, so that a backfill can fill only its own.

import { laneOfStreamKey } from '../../domain/keys.ts';
import type { EventStream, OutgoingRecord } from '../../domain/record/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

export class DividedEventStream implements EventStream {
  readonly #live: EventStream;
  readonly #late: EventStream;

  constructor(streams: { readonly live: EventStream; readonly late: EventStream }) {
    this.#live = streams.live;
    this.#late = streams.late;
  }

  /** Late events first: if their stream has too many, nothing of the batch is on a stream when the client sends it again. */
  async put(records: readonly OutgoingRecord[], deadlineMs: number): Promise<void> {
    const late = records.filter(isLate);
    const live = records.filter((record) => !isLate(record));
    if (late.length > 0) await this.#late.put(late, deadlineMs);
    if (live.length === 0) return;
    try {
      await this.#live.put(live, deadlineMs);
    } catch (error) {
      if (error instanceof Unavailable && late.length > 0) error.hadNoEffect = false;
      throw error;
    }
  }
}

const isLate = ({ partitionKey }: OutgoingRecord): boolean => laneOfStreamKey(partitionKey)?.late === true;
