// The one error that is retried. An adapter throws it for a transient error of its dependency.

/** A dependency did not answer, or refused for now: the same call may succeed later. Any other error is a bug. */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
  /** The problem that the client gets, where the cause knows a more exact one than `unavailable`. */
  readonly problem?: 'circuit_open' | 'overloaded';
  /** When a retry makes sense, where the cause knows. */
  readonly retryAfterSeconds?: number;
}
