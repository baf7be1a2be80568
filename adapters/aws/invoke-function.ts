// Functions as an operator calls them: by verb, waiting for the answer.

import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import type { Pause } from '../../domain/system/back-off.ts';
import { type Connection, clientOptions } from './client-options.ts';

/** The function ended in an error of its own, or was ended: what it was given, not what is around, is to blame. */
export class FunctionFailed extends Error {
  override readonly name = 'FunctionFailed';
}

/** There is no such function in the stage, or it may not be called: no other call of it will do better. */
export class FunctionOutOfReach extends Error {
  override readonly name = 'FunctionOutOfReach';
}

/** Waits for the longest that a function may take, and some. */
const functionPatience = { connectTimeoutMs: 1000, requestTimeoutMs: 910_000, maxAttempts: 3 };

const maxWaits = 30;

export class Functions {
  readonly #client: LambdaClient;
  readonly #stage: string;
  readonly #pause: Pause;

  /** `pause` is between calls that find no instance free. */
  constructor(stage: string, pause: Pause, connection: Connection = {}) {
    this.#pause = pause;
    this.#client = new LambdaClient({ ...clientOptions(functionPatience), ...connection });
    this.#stage = stage;
  }

  async invoke(verb: string, input: unknown): Promise<unknown> {
    const FunctionName = `weir-${this.#stage}-${verb}`;
    const { FunctionError, Payload } = await this.#call(FunctionName, JSON.stringify(input));
    const answer: unknown = Payload?.length ? JSON.parse(Buffer.from(Payload).toString()) : undefined;
    if (FunctionError === undefined) return answer;
    throw new FunctionFailed(`${FunctionName} failed: ${typeOf(answer)}`);
  }

  /** Where all its instances are busy it waits for one: after an outage settle has much to do by itself. */
  async #call(FunctionName: string, Payload: string): Promise<InvokeCommandOutput> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#client.send(new InvokeCommand({ FunctionName, Payload }));
      } catch (cause) {
        if (nameOf(cause) !== 'TooManyRequestsException' || attempt === maxWaits)
          throw new FunctionOutOfReach(`${FunctionName} could not be called (${nameOf(cause)})`, { cause });
        await this.#pause(attempt);
      }
    }
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** Its message may hold what a client sent. */
const typeOf = (failure: unknown): string =>
  String((failure as { readonly errorType?: unknown } | undefined)?.errorType ?? 'without saying why');
