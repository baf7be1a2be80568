// What the hops share: each is built from the settings of its stage, the code of its function and the storage it uses.

import { Stack } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { FunctionCode } from '../function/weir-function.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import type { Storage } from '../stateful-stack.ts';

export type HopProps = {
  readonly stage: StageSettings;
  readonly code: FunctionCode;
  readonly storage: Storage;
};

export const streamsOf = ({ stream, priorityStream, lateStream }: Storage): readonly IStream[] =>
  [stream, priorityStream, lateStream].filter((each) => each !== undefined);

/** The name under which the other stack exports the bucket's ARN. cdk-nag names the bucket by it in its findings. */
export function importNameOf(bucket: IBucket): string {
  const stack = Stack.of(bucket);
  return stack.resolve(stack.exportValue(bucket.bucketArn))['Fn::ImportValue'];
}
