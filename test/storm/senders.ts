// The clients of the storm: each account sends its batches until they are accepted, and the answers go into the books.

import { setTimeout as sleep } from 'node:timers/promises';
import type { TierName } from '../../domain/accounts/tiers.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { createAccountOn } from '../support/accounts.ts';
import { type Api, createApi } from '../support/api.ts';
import type { LedgerOfTruth } from './ledger-of-truth.ts';
import type { PlannedBatch } from './plan.ts';

const requestsAtOnce = 4;
const mostTries = 30;
const shedPauseMs = 1000;

/** The account with the shortest retention: the last one. */
export const shortLived = (accounts: readonly string[]): string => accounts.at(-1) ?? '';

/** The custom tier is not throttled by what a storm sends. */
const tierOf = (account: string, accounts: readonly string[]): TierName =>
  account === shortLived(accounts) ? 'standard' : 'custom';

/** Some batches have an event that is rejected, of few kinds. */
const rejectedBeside = ({ length }: readonly unknown[]): readonly object[] =>
  length % 3 === 1 ? [{ type: 'order', [`unknown_${length % 5}`]: 1 }] : [];

export class Senders {
  readonly #books: LedgerOfTruth;
  readonly #apis: ReadonlyMap<string, Api>;

  private constructor(books: LedgerOfTruth, apis: ReadonlyMap<string, Api>) {
    this.#books = books;
    this.#apis = apis;
  }

  static async register(
    twin: RunningWeir,
    books: LedgerOfTruth,
    accounts: readonly string[],
  ): Promise<Senders> {
    const apis = new Map<string, Api>();
    for (const account of accounts) {
      const { api_key } = await createAccountOn(twin, account, tierOf(account, accounts));
      apis.set(account, createApi(twin.url, api_key));
    }
    return new Senders(books, apis);
  }

  apiOf(account: string): Api {
    const api = this.#apis.get(account);
    if (!api) throw new Error(`There is no account ${account}.`);
    return api;
  }

  /** Returns the batch ids in the order of the batches. */
  async send(batches: readonly PlannedBatch[]): Promise<readonly string[]> {
    return mapBounded(batches, requestsAtOnce, (batch) => this.#sendOne(batch));
  }

  async #sendOne(batch: PlannedBatch): Promise<string> {
    const events = this.#books.eventsOf(batch);
    for (let attempt = 0; attempt < mostTries; attempt += 1) {
      const { status, headers, json } = await this.apiOf(batch.account).post('/v1/events', [
        ...events,
        ...rejectedBeside(events),
      ]);
      if (status === 202 && json.accepted === events.length) {
        this.#books.accept(batch, json.batch_id, json.receipt);
        return json.batch_id;
      }
      this.#books.refuse(batch, status);
      // The storm moves the clock: a backlog of hours is gone within seconds.
      if (json.code === 'load_shed') {
        await sleep(shedPauseMs);
        continue;
      }
      if (status < 500) throw new Error(`A batch was answered ${status}: ${JSON.stringify(json)}`);
      // A hot shard is refused at once for a second: ten tries without a pause would all be.
      await sleep(Number(headers.get('retry-after') ?? 0) * 1000);
    }
    throw new Error(`A batch of ${batch.account} was refused ${mostTries} times.`);
  }
}
