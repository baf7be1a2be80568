// The alarms of a stage as an operator sees them: their states, and what they went through.

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export type AlarmStatus = {
  readonly name: string;
  readonly state: AlarmState;
  readonly sinceMs: number;
  readonly reason: string;
};

export type AlarmChange = {
  readonly name: string;
  readonly atMs: number;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
};

export type StageAlarms = {
  /** By name. */
  states(): Promise<readonly AlarmStatus[]>;
  /** From that moment on, the oldest first. CloudWatch keeps them for 30 days. */
  history(fromMs: number): Promise<readonly AlarmChange[]>;
};
