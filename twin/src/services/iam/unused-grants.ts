// Grants that nothing in the twin uses and that are right all the same, and why: only AWS itself uses them. An app hands
// in its own beside these.

/** An action stands for itself on whatever resource it is granted. */
export type UnusedGrant = {
  readonly actions: readonly string[];
  /** The function, where it is not every one. */
  readonly of?: string;
  readonly reason: string;
};

export const unusedGrants: readonly UnusedGrant[] = [
  {
    // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    reason: 'Lambda writes what a function prints with its role. The twin writes it to files.',
  },
  {
    // https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
    actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
    reason: 'Lambda sends the traces of a function with its role. The twin traces nothing.',
  },
];

export function explains({ actions, of }: UnusedGrant, label: string, action: string): boolean {
  return actions.includes(action) && (of === undefined || of === label);
}
