// Answers of an instance that are asked for again. An answer is kept for longer the longer it took to make, and a minute at
// most: what is cheap is always fresh, and what is dear is not read again for each of many who ask. Whoever asks while an
// answer is made shares it.

import { createHash } from 'node:crypto';
import { type Tenant, tenantKey } from '../../domain/keys.ts';
import type { Clock } from '../../domain/system/port.ts';
import { SingleFlight } from '../../domain/system/single-flight.ts';
import { minuteMs } from '../../domain/system/time.ts';

/** So many times the time that it took. */
const keptTimes = 20;
const mostKeptMs = minuteMs;

/** In characters. An account takes room from itself first, and from others only if it has less than they. */
export type CacheLimits = { readonly ofAccount: number; readonly ofAll: number };
const usualLimits: CacheLimits = { ofAccount: 2 * 1024 * 1024, ofAll: 16 * 1024 * 1024 };

/** `content`: of the answer, without what changes although nothing has happened, such as the time. */
export type MadeAnswer = { readonly body: string; readonly content: string };

export type KeptAnswer = {
  readonly body: string;
  readonly etag: string;
  readonly madeAtMs: number;
  readonly untilMs: number;
};

export type AskedAnswer = {
  readonly tenant: Tenant;
  /** Names the question with all that its answer depends on. */
  readonly question: string;
  /** An answer that is older will not do. Absent: any that is kept will. */
  readonly mostAgeMs?: number;
};

type OfAccount = { readonly answers: Map<string, KeptAnswer>; characters: number };

export class AnswerCache {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #limits: CacheLimits;
  readonly #flights = new SingleFlight<KeptAnswer>();
  readonly #accounts = new Map<string, OfAccount>();
  #characters = 0;
  #isWarm = false;

  constructor(clock: Pick<Clock, 'now'>, limits = usualLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  async answer(
    { tenant, question, mostAgeMs = Number.POSITIVE_INFINITY }: AskedAnswer,
    make: () => Promise<MadeAnswer>,
  ): Promise<KeptAnswer & { readonly wasKept: boolean }> {
    const owner = tenantKey(tenant);
    const name = `${owner} ${question}`;
    const kept = this.#accounts.get(owner)?.answers.get(name);
    const nowMs = this.#clock.now();
    // A clock that was set back makes nothing younger.
    const ageMs = kept ? Math.abs(nowMs - kept.madeAtMs) : Number.POSITIVE_INFINITY;
    if (kept && nowMs < kept.untilMs && ageMs <= mostAgeMs && ageMs <= mostKeptMs)
      return { ...kept, wasKept: true };
    const makeAndKeep = () => this.#make(owner, name, make);
    // What is under way may have begun before something that the caller wants to see.
    const made = await (mostAgeMs === 0 ? makeAndKeep() : this.#flights.share(name, makeAndKeep));
    return { ...made, wasKept: false };
  }

  async #make(owner: string, name: string, make: () => Promise<MadeAnswer>): Promise<KeptAnswer> {
    const madeAtMs = this.#clock.now();
    const { body, content } = await make();
    // The first answer of an instance takes long because its code is new, and not because it is dear.
    const tookMs = this.#isWarm ? Math.max(0, this.#clock.now() - madeAtMs) : 0;
    this.#isWarm = true;
    const digest = createHash('sha256').update(content).digest('base64url').slice(0, 22);
    const untilMs = madeAtMs + Math.min(mostKeptMs, keptTimes * tookMs);
    const answer = { body, etag: `W/"${digest}"`, madeAtMs, untilMs };
    this.#keep(owner, name, answer);
    return answer;
  }

  #keep(owner: string, name: string, answer: KeptAnswer): void {
    const before = this.#accounts.get(owner);
    if (before) this.#drop(owner, before, name);
    const own = this.#accounts.get(owner) ?? { answers: new Map(), characters: 0 };
    this.#accounts.set(owner, own);
    own.answers.set(name, answer);
    own.characters += answer.body.length;
    this.#characters += answer.body.length;
    while (own.characters > this.#limits.ofAccount) this.#dropOldest(owner, own);
    while (this.#characters > this.#limits.ofAll) {
      const [largest] = [...this.#accounts].toSorted(
        ([, one], [, other]) => other.characters - one.characters,
      );
      if (!largest) break;
      this.#dropOldest(...largest);
    }
  }

  #dropOldest(owner: string, own: OfAccount): void {
    const [oldest] = own.answers.keys();
    if (oldest !== undefined) this.#drop(owner, own, oldest);
  }

  #drop(owner: string, own: OfAccount, name: string): void {
    const dropped = own.answers.get(name);
    if (!dropped) return;
    own.answers.delete(name);
    own.characters -= dropped.body.length;
    this.#characters -= dropped.body.length;
    if (own.answers.size === 0) this.#accounts.delete(owner);
  }
}
