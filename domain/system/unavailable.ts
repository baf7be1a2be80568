// The error class of transient errors. An adapter throws it if its dependency does not answer, or refuses for now.
// The same call may succeed later. Any other error is a bug.

export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
  /** The problem that the client gets, if it is a more exact one than `unavailable`. */
  readonly problem?: 'overloaded';
  /** The dependency answers, and refuses a part of what it holds: a partition that is used too much. */
  readonly isOfPartition: boolean = false;
  /** Nothing was done of what was asked for. False if that is not sure. */
  hadNoEffect = false;
  /** When a retry makes sense, if known. */
  readonly retryAfterSeconds?: number;
}

/** Refused by a partition, while the dependency answers. */
export class PartitionUnavailable extends Unavailable {
  override readonly name: string = 'PartitionUnavailable';
  override readonly isOfPartition = true;
}
