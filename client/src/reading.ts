// What reads: receipts, summaries, series, events and usage. They throw a WeirError if the server refuses.

import { pause } from './environment.ts';
import { exchange, type Server } from './http.ts';
import { isTransient, type Refusal } from './outcome.ts';
import type { Receipt, Usage } from './wire.ts';

export class WeirError extends Error {
  override readonly name = 'WeirError';
  readonly status: number;
  readonly code: string | undefined;
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    const { title = 'The request was refused', detail = '', status, code } = refusal;
    super(`${status} ${title} ${detail}`.trim());
    this.status = status;
    this.code = code;
    this.refusal = refusal;
  }
}

const tries = 4;

export type Query = Readonly<Record<string, string | number | undefined>>;

export class Reader {
  readonly #server: Server;
  readonly #retryBaseMs: number;
  #account: Promise<string> | undefined;

  constructor(server: Server, retryBaseMs: number) {
    this.#server = server;
    this.#retryBaseMs = retryBaseMs;
  }

  async get<T>(path: string, query: Query = {}): Promise<T> {
    const { url, key, environment } = this.#server;
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) asked.set(name, String(value));
    const address = `${url}${path}${asked.size > 0 ? `?${asked}` : ''}`;
    for (let attempt = 1; ; attempt += 1) {
      const init = { headers: { 'x-api-key': key } };
      const answer = await exchange(this.#server, address, init).catch((error) => {
        if (attempt >= tries) throw error;
        return undefined;
      });
      if (answer?.status === 200) return answer.body as T;
      if (answer && (attempt >= tries || !isTransient(answer.status)))
        throw new WeirError({ ...(answer.body as object), status: answer.status });
      const backOffMs = environment.random() * this.#retryBaseMs * 2 ** attempt;
      await pause(environment, (answer?.afterMs ?? 0) + backOffMs);
    }
  }

  /** Paths of summaries and series name the account, which the key knows. */
  async getOfAccount<T>(what: 'summary' | 'series', query: Query): Promise<T> {
    this.#account ??= this.get<Usage>('/v1/usage').then(({ account_id }) => account_id);
    const account = await this.#account.catch((error) => {
      this.#account = undefined;
      throw error;
    });
    return this.get(`/v1/accounts/${encodeURIComponent(account)}/${what}`, query);
  }

  /** Polls the receipt until every event of the batch has an outcome. */
  async delivered(batchId: string, timeoutMs: number): Promise<Receipt> {
    const { environment } = this.#server;
    const endMs = environment.nowMs() + timeoutMs;
    for (let waitMs = 100; ; waitMs = Math.min(waitMs * 1.5, 2000)) {
      const receipt = await this.get<Receipt>(`/v1/batches/${encodeURIComponent(batchId)}`);
      const { accepted, stored, duplicates, conflicts, quarantined } = receipt;
      if (stored + duplicates + conflicts + quarantined >= accepted) return receipt;
      if (environment.nowMs() + waitMs > endMs)
        throw new Error(`The batch ${batchId} is ${receipt.status} after ${timeoutMs} ms. Ask again later.`);
      await pause(environment, waitMs);
    }
  }
}
