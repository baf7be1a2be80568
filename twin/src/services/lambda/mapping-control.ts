// An event source mapping as an operator sees and sets it. What is set lasts until the twin ends.

export type MappingControl = {
  readonly uuid: string;
  readonly functionArn: string;
  readonly eventSourceArn: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly isEnabled: boolean;
  /** Of a stream alone. */
  readonly stream?: { readonly parallelizationFactor: number; readonly maxAgeMs: number };
  setEnabled(isEnabled: boolean): void;
  /** Undefined where it reads no stream. Infinity: no record is too old. */
  readonly setMaxAgeMs?: (maxAgeMs: number) => void;
  readonly setParallelizationFactor?: (factor: number) => void;
};
