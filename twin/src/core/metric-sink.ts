// Where services put the metrics that AWS makes by itself, such as the requests of a gateway. CloudWatch keeps them.

export type Measurement = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Count`, `Milliseconds`, … */
  readonly unit: string;
  readonly value: number;
  readonly timestampMs: number;
};

export type MetricSink = { add(measurement: Measurement): void };
