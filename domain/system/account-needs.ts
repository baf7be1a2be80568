// What a stage needs of the quotas of an AWS account, as far as a deploy or the load of a tier would meet them.

export type AccountNeeds = {
  readonly stage: string;
  /** Undefined: the region of whoever deploys. */
  readonly region?: string;
  readonly functions: readonly string[];
  /** Of all functions together; 0 if the stage reserves nothing. */
  readonly reservedConcurrency: number;
  readonly shards: number;
  readonly onDemandStreams: number;
  readonly usagePlans: number;
  /** The burst of one account of the highest tier. */
  readonly requestsPerSecond: number;
  /** Of the stack that `cdk bootstrap` makes. */
  readonly bootstrapVersion: number;
};
