// The stream between ingest and consume. Late events may have one of their own.

export type OutgoingRecord = {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** Put once, and left out if the stream does not take it then. Nobody waits for it beyond that. */
  readonly isOptional?: true;
};

export type EventStream = {
  /**
   * Resolves only when every record is acknowledged that is not optional; rejects with Unavailable when `deadlineMs` is near.
   * If all are optional it resolves by then. The error says `hadNoEffect` if nothing that is not optional is on the stream.
   */
  put(records: readonly OutgoingRecord[], deadlineMs: number): Promise<void>;
};
