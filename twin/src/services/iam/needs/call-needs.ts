// How a service says what a call to it needs to be allowed.

import type { AwsCall } from '../../../core/proxy/aws-call.ts';
import type { NeedNotModelled } from '../iam-not-modelled.ts';
import type { PartitionKeys } from '../partition-keys.ts';
import type { Need } from '../policy-evaluation.ts';

/** What a call does not say itself. */
export type CallFacts = {
  readonly partitionKeys: PartitionKeys;
  /** The ARN of the stream that a shard iterator is of. */
  readonly streamOf: (iterator: string) => string | undefined;
};

/** What is not known of a call, or of one part of it, denies that. Undefined for an operation that is not known. */
export type Needs = (call: AwsCall, facts: CallFacts) => readonly (Need | NeedNotModelled)[] | undefined;
