// The streams that batches travel on. What is late has another one, whoever it is of: see divided-event-stream.ts.

export const streamNames = ['standard', 'priority'] as const;
export type StreamName = (typeof streamNames)[number];

/** Where new batches go: to one of these slots, all of which are on the stream. */
export type WrittenSlots = { readonly stream: StreamName; readonly slots: readonly number[] };
