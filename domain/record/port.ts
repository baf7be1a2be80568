// The stream between ingest and consume. Late events may have one of their own.

export type OutgoingRecord = { readonly partitionKey: string; readonly data: Uint8Array };

export type EventStream = {
  /** Resolves only when every record is acknowledged; rejects with Unavailable when `deadlineMs` is near. */
  put(records: readonly OutgoingRecord[], deadlineMs: number): Promise<void>;
};
