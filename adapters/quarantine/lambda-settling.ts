// Asks the function settle to replay or discard one record, for a request that waits for the answer. Operators wait
// longer: adapters/aws/invoke-function.ts.

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Settling } from '../../domain/quarantine/port.ts';
import type { SettleAnswer, SettleRequest } from '../../domain/quarantine/quarantine.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type Connection, clientOptions } from '../aws/client-options.ts';

/** The request has 10 seconds, of which authorize and the reads before take up to half. */
export const settlingTimeMs = 5000;

/** One attempt: a repeated replay would find the first one busy. The client may repeat its request. */
const timeouts = { connectTimeoutMs: 500, requestTimeoutMs: settlingTimeMs * 2, maxAttempts: 1 };

export class SettleUnavailable extends Unavailable {
  override readonly name = 'SettleUnavailable';
}

export class LambdaSettling implements Settling {
  readonly #client: LambdaClient;
  readonly #functionName: string;
  readonly #timeMs: number;

  constructor(functionName: string, timeMs = settlingTimeMs, connection: Connection = {}) {
    this.#client = new LambdaClient({ ...clientOptions(timeouts), ...connection });
    this.#functionName = functionName;
    this.#timeMs = timeMs;
  }

  async settle(request: SettleRequest): Promise<SettleAnswer | { outcome: 'crashed' | 'under way' }> {
    const command = new InvokeCommand({
      FunctionName: this.#functionName,
      Payload: JSON.stringify(request),
    });
    const patience = AbortSignal.timeout(this.#timeMs);
    try {
      const { FunctionError, Payload } = await this.#client.send(command, { abortSignal: patience });
      if (FunctionError !== undefined) return { outcome: 'crashed' };
      return JSON.parse(Buffer.from(Payload ?? []).toString());
    } catch (cause) {
      // Lambda goes on when nobody waits any more.
      if (patience.aborted) return { outcome: 'under way' };
      throw new SettleUnavailable(`${this.#functionName} could not be called`, { cause });
    }
  }
}
