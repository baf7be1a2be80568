// How a bucket of another stack is known in a template, and so in what a judge finds there: by the name of the export of
// its ARN.

import { Stack } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

export function importNameOf(bucket: IBucket): string {
  const stack = Stack.of(bucket);
  return stack.resolve(stack.exportValue(bucket.bucketArn))['Fn::ImportValue'];
}
