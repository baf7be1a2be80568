// Time and randomness are passed in, so that tests control both.

export type Clock = {
  now(): number;
  sleep(durationMs: number): Promise<void>;
};

export type Random = {
  bytes(count: number): Uint8Array;
};
