// Sends one batch until it has an outcome: the same bytes under the same key at each attempt, so that it counts once.

import { type Batch, bodyOf, halvesOf, mayBeStored } from './batch.ts';
import { type Environment, pause } from './environment.ts';
import { postEvents, type Server } from './http.ts';
import type { Settings } from './options.ts';
import { isNotStored, type Outcome, outcomeOf } from './outcome.ts';

/** The server keeps a key for 24 hours from the first request, which came after the batch was made. */
const keyIsSafeForMs = 23 * 3_600_000;

export type Final =
  | Exclude<Outcome, { kind: 'retry' | 'split' }>
  | { readonly kind: 'halves'; readonly halves: readonly [Batch, Batch] }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'expired' }
  /** The client is closed. */
  | { readonly kind: 'stopped' };

/** Event ids protect for as long as events are kept, and what is not stored cannot count twice. */
const isSafeWithoutKey = (batch: Batch) =>
  !mayBeStored(batch) || batch.events.every((event) => 'event_id' in JSON.parse(event));

/** What one batch is told to wait, all wait. */
export class Patience {
  #untilMs = 0;

  extend(nowMs: number, ms: number): void {
    this.#untilMs = Math.max(this.#untilMs, nowMs + ms);
  }

  async wait(environment: Environment, stop: AbortSignal): Promise<void> {
    const leftMs = () => this.#untilMs - environment.nowMs();
    while (leftMs() > 0 && !stop.aborted) await pause(environment, leftMs(), stop);
  }
}

export async function deliver(
  batch: Batch,
  {
    server,
    settings,
    patience,
    stop,
  }: {
    readonly server: Server;
    readonly settings: Pick<Settings, 'retryBaseMs' | 'retryMaxMs'>;
    readonly patience: Patience;
    readonly stop: AbortSignal;
  },
): Promise<Final> {
  const { environment } = server;
  for (let attempt = 0; ; attempt += 1) {
    await patience.wait(environment, stop);
    if (stop.aborted) return { kind: 'stopped' };
    if (environment.nowMs() - batch.createdAtMs > keyIsSafeForMs && !isSafeWithoutKey(batch))
      return { kind: 'expired' };
    const outcome = await attemptOf(server, batch, stop);
    if (outcome.kind === 'split')
      return batch.events.length > 1 ? { kind: 'halves', halves: halvesOf(batch) } : { kind: 'too_large' };
    if (outcome.kind !== 'retry') return outcome;
    if (outcome.afterMs > 0) patience.extend(environment.nowMs(), outcome.afterMs);
    await pause(environment, outcome.afterMs + backOffMs(environment, settings, attempt), stop);
  }
}

/** Full jitter: clients that failed together do not come back together. */
const backOffMs = (
  { random }: Environment,
  { retryBaseMs, retryMaxMs }: Pick<Settings, 'retryBaseMs' | 'retryMaxMs'>,
  attempt: number,
) => random() * Math.min(retryMaxMs, retryBaseMs * 2 ** attempt);

async function attemptOf(server: Server, batch: Batch, stop: AbortSignal): Promise<Outcome> {
  batch.unanswered += 1;
  try {
    const answer = await postEvents(server, bodyOf(batch), batch.key, stop);
    if (isNotStored(answer.status)) batch.unanswered -= 1;
    return outcomeOf(answer);
  } catch {
    return { kind: 'retry', afterMs: 0 };
  }
}
