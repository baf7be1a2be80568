// Time and randomness come from outside, so that a test decides both.

export type Clock = {
  now(): number;
  sleep(durationMs: number): Promise<void>;
};

export type Random = {
  bytes(count: number): Uint8Array;
};
