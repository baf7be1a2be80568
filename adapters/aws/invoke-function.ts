// Calls functions for an operator, by verb, and waits for the answer.

import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import type { Pause } from '../../domain/system/back-off.ts';
import { type FunctionVerb, liveNameOf } from '../../domain/system/stage-names.ts';
import { type Connection, clientOptions } from './client-options.ts';

/** The function threw, crashed or timed out. Its input is the likely cause, not a dependency. */
export class FunctionFailed extends Error {
  override readonly name = 'FunctionFailed';
}

/** The stage has no such function, or the caller has no permission: no other call of it will succeed. */
export class FunctionOutOfReach extends Error {
  override readonly name = 'FunctionOutOfReach';
}

/** Longer than the longest timeout of a function. */
const functionPatience = { connectTimeoutMs: 1000, requestTimeoutMs: 910_000, maxAttempts: 3 };

const maxWaits = 30;

export class Functions {
  readonly #client: LambdaClient;
  readonly #stage: string;
  readonly #pause: Pause;

  /** Pauses between calls that find all instances busy. */
  constructor(stage: string, pause: Pause, connection: Connection = {}) {
    this.#pause = pause;
    this.#client = new LambdaClient({ ...clientOptions(functionPatience), ...connection });
    this.#stage = stage;
  }

  async invoke(verb: FunctionVerb, input: unknown): Promise<unknown> {
    const FunctionName = liveNameOf(this.#stage, verb);
    const { FunctionError, Payload } = await this.#call(FunctionName, JSON.stringify(input));
    const answer: unknown = Payload?.length ? JSON.parse(Buffer.from(Payload).toString()) : undefined;
    if (FunctionError === undefined) return answer;
    throw new FunctionFailed(`${FunctionName} failed: ${typeOf(answer)}`);
  }

  /** Retries while all instances are busy: after an outage, settle runs many jobs. */
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

/** The type of the error, and not its message, which may contain what a client sent. */
const typeOf = (failure: unknown): string =>
  String((failure as { readonly errorType?: unknown } | undefined)?.errorType ?? 'no error type given');
