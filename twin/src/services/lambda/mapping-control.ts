// An event source mapping as an operator sees and sets it. What is set lasts until the twin ends.

export type MappingControl = {
  readonly uuid: string;
  readonly functionArn: string;
  readonly eventSourceArn: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly isEnabled: boolean;
  setEnabled(isEnabled: boolean): void;
};
