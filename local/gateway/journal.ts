// What becomes known of one request while it is handled: the `$context` of the gateway's own answers and of the access
// log. Times are taken from a clock that nobody moves.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html

import type { ContextValues } from './context.ts';
import type { Exchange } from './exchange.ts';
import { type Resource, requestContext } from './request-context.ts';

type Subject = 'authorizer' | 'error' | 'identity' | 'integration';
type Facts = Readonly<Record<string, string | number | null>>;

export class Journal {
  readonly exchange: Exchange;
  private readonly startedAtMs = performance.now();
  private resource: Resource | undefined;
  private readonly facts: Partial<Record<Subject, Facts>> = {};

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }

  noteResource(resource: Resource): void {
    this.resource = resource;
  }

  /** Adds to what is known under `$context.<subject>`. */
  note(subject: Subject, facts: Facts): void {
    this.facts[subject] = { ...this.facts[subject], ...facts };
  }

  get elapsedMs(): number {
    return Math.round(performance.now() - this.startedAtMs);
  }

  get context(): ContextValues {
    const common = requestContext(this.exchange, this.resource ?? { resourceId: '', resourcePath: '' });
    return {
      ...common,
      // Until a route is found there is no resource.
      ...(this.resource === undefined && { resourceId: undefined, resourcePath: undefined }),
      ...this.facts,
      identity: { ...common.identity, ...this.facts.identity },
    };
  }
}

/** Tells how long it took, also where it failed. */
export async function timed<Result>(
  work: () => Promise<Result>,
  tell: (latencyMs: number) => void,
): Promise<Result> {
  const startedAtMs = performance.now();
  try {
    return await work();
  } finally {
    tell(Math.round(performance.now() - startedAtMs));
  }
}
