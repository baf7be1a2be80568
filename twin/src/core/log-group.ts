// A log group of CloudWatch Logs whose lines are in a file of this machine.

export type LogGroup = {
  readonly name: string;
  readonly file: string;
  /** Of an access log: it says which field of a line holds the time of its request. */
  readonly format?: string;
};
