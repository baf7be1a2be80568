// Grants that nothing in the twin uses and that are right all the same, and why: only AWS itself uses them. An action
// stands for itself on whatever resource it is granted; `of` names the function where it is not of every one.

export type UnusedGrant = {
  readonly actions: readonly string[];
  readonly of?: string;
  readonly reason: string;
};

/** An entry that is used after all, or that nothing grants, fails `test/flow/least-privilege.test.ts`. */
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
  {
    // https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
    actions: ['kinesis:DescribeStream'],
    of: 'consume',
    reason:
      'Lambda asks for it of a function that reads a stream. The mapping of the twin gets along with a summary and a list of shards.',
  },
  {
    // https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
    actions: ['s3:ListBucket'],
    of: 'consume',
    reason:
      'Lambda asks for it beside s3:PutObject where the on-failure destination is a bucket. The twin only writes.',
  },
];

export function explains({ actions, of }: UnusedGrant, label: string, action: string): boolean {
  return actions.includes(action) && (of === undefined || of === label);
}
