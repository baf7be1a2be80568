// Calls the function behind a method. A function that fails or takes too long is the gateway's own error, as in the
// cloud; its words go to the report, never to the client.

import { FunctionFailed, type Invoker, PayloadTooLarge } from '../../core/invocation.ts';
import type { Report } from '../../core/service.ts';
import { GatewayRefusal } from './gateway-responses.ts';
import { type Journal, timed } from './journal.ts';

/** What handling one request needs beside the request. */
export type Handling = {
  readonly functions: Invoker;
  readonly report: Report;
  readonly journal: Journal;
  /** Aborted once nobody waits for the answer any more. */
  readonly abandoned: AbortController;
};

type Integration = { readonly functionArn: string; readonly timeoutMs: number };

/**
 * Whichever time-out is shorter speaks: the integration's is a 504, and the function's own is a function that failed.
 * One that failed is a 502, and a call that Lambda throttles is a 500.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html
 * A body within the gateway's 10 MB that makes more than the 6 MB which Lambda takes is the gateway's own 413, as was
 * found in 2021: https://github.com/koki-develop/lgtm-generator/issues/10
 */
export async function integrate(
  { functionArn, timeoutMs }: Integration,
  event: unknown,
  { functions, report, journal, abandoned }: Handling,
  caller: string | undefined,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    // A function that runs goes on by itself, and its answer is dropped. One that waits to run does not begin.
    timer = setTimeout(() => {
      reject(new GatewayRefusal('INTEGRATION_TIMEOUT'));
      abandoned.abort();
    }, timeoutMs);
  });
  const call = async () => {
    try {
      return await functions.invoke(functionArn, event, {
        signal: abandoned.signal,
        ...(caller !== undefined && { caller }),
      });
    } catch (error) {
      if (error === abandoned.signal.reason) throw new GatewayRefusal('INTEGRATION_TIMEOUT');
      const { message } = error as Error;
      if (error instanceof PayloadTooLarge) throw new GatewayRefusal('REQUEST_TOO_LARGE');
      const ran = error instanceof FunctionFailed;
      report(ran ? message : `${message} A request was refused.`);
      journal.note('integration', { error: message });
      throw new GatewayRefusal('INTEGRATION_FAILURE', { status: ran ? 502 : 500 });
    }
  };
  try {
    return await timed(
      () => Promise.race([call(), timeout]),
      (latency) => journal.note('integration', { latency }),
    );
  } finally {
    clearTimeout(timer);
  }
}
