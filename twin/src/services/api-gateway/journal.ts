// What becomes known of one request while it is handled: the `$context` of the gateway's own answers and of the access
// log. Times are the machine's, whatever the twin's clock is.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html

import type { MethodDefinition } from './api-definition.ts';
import type { ContextValues } from './context.ts';
import type { Exchange } from './exchange.ts';
import { requestContext } from './request-context.ts';
import type { Match } from './route-table.ts';

type Subject = 'authorizer' | 'error' | 'identity' | 'integration';
type Facts = Readonly<Record<string, string | number | null>>;

export class Journal {
  readonly exchange: Exchange;
  private readonly startedAtMs = performance.now();
  private match: Match | undefined;
  private readonly facts: Partial<Record<Subject, Facts>> = {};

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }

  noteMatch(match: Match): void {
    this.match = match;
  }

  /** Adds to what is known under `$context.<subject>`. */
  note(subject: Subject, facts: Facts): void {
    this.facts[subject] = { ...this.facts[subject], ...facts };
  }

  /** Undefined until a route is found. */
  get method(): MethodDefinition | undefined {
    return this.match?.method;
  }

  /** Of the call to the function; undefined where there was none. */
  get integrationLatencyMs(): number | undefined {
    const latency = this.facts.integration?.latency;
    return typeof latency === 'number' ? latency : undefined;
  }

  get elapsedMs(): number {
    return Math.round(performance.now() - this.startedAtMs);
  }

  get pathParameters(): ContextValues {
    return this.match?.pathParameters ?? {};
  }

  get stageVariables(): ContextValues {
    return this.exchange.stageVariables ?? {};
  }

  get context(): ContextValues {
    const resource = this.match?.method;
    const common = requestContext(this.exchange, resource ?? { resourceId: '', resourcePath: '' });
    return {
      ...common,
      // Until a route is found there is no resource.
      ...(resource === undefined && { resourceId: undefined, resourcePath: undefined }),
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
