// Grants of Weir's functions that nothing in the twin uses and that are right all the same, and why.

import type { UnusedGrant } from '@weir/twin';

const consumers = ['consume', 'consume-late', 'consume-priority'];

/** An entry that is used after all, or that nothing grants, fails `test/flow/least-privilege.test.ts`. */
export const unusedGrants: readonly UnusedGrant[] = [
  ...[...consumers, 'tally'].map((of) => ({
    // https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
    actions: ['kinesis:DescribeStream'],
    of,
    reason:
      'Lambda asks for it of a function that reads a stream. The mapping of the twin gets along with a summary and a list of shards.',
  })),
  ...consumers.map((of) => ({
    // https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
    actions: ['s3:ListBucket'],
    of,
    reason:
      'Lambda asks for it beside s3:PutObject where the on-failure destination is a bucket. The twin only writes.',
  })),
];
