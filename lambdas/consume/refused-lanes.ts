// Lanes that are refused while others are served: a partition throttles one tenant, and the tables serve all others. Such a
// lane is waited for only shortly, because every other lane of its shard waits with it. Then its records leave the stream
// for the bucket, and are not even tried for a while. Each instance knows what its own invocations have met.

import { minuteMs, secondMs } from '../../domain/system/time.ts';

/** How long a lane is waited for, from its first try on. Others wait as long, once: their freshness at P95 may be 5 seconds. */
const waitMs = 3 * secondMs;
/** Nobody else is seen to wait: throttles of a table that grows are over by then, or leave something of the lane through. */
const waitAloneMs = 10 * secondMs;
/** Then for so long the lane is not tried, and twice as long each time that it is still refused. A try takes seconds. */
const firstOutMs = 30 * secondMs;
const mostOutMs = 5 * minuteMs;
/** More lanes at once are no trouble of their own. Eight slots have so many, live and late; so have those of both streams, late. */
const mostAtOnce = 16;
/** After this the next refusal is another trouble: it is waited for again. */
const rememberedMs = mostOutMs;

type Refusal = {
  readonly sinceMs: number;
  readonly waitMs: number;
  readonly times: number;
  readonly outUntilMs: number;
};

/** What one try has shown: lanes for which it has written, and lanes that have records left, with why. */
export type LanesTried = {
  readonly served: ReadonlySet<string>;
  readonly refused: ReadonlyMap<string, { readonly isOfPartition: boolean }>;
};

export class RefusedLanes {
  readonly #refusals = new Map<string, Refusal>();

  /** It is refused, and others are served: soon it is out. */
  isWaitedFor(lane: string): boolean {
    return this.#refusals.get(lane)?.times === 0;
  }

  /** Its records are not to be tried now. */
  isOut(lane: string, nowMs: number): boolean {
    return nowMs < (this.#refusals.get(lane)?.outUntilMs ?? 0);
  }

  /** Of a try that has begun then and ended now. */
  note(tried: LanesTried, beganMs: number, nowMs: number): void {
    for (const [lane, { sinceMs, outUntilMs }] of this.#refusals)
      if (nowMs > Math.max(sinceMs, outUntilMs) + rememberedMs) this.#refusals.delete(lane);
    for (const lane of tried.served) if (!tried.refused.has(lane)) this.#refusals.delete(lane);
    const waits = [...tried.refused.keys()].map((lane) => [lane, this.#waitMsOf(lane, tried)] as const);
    for (const [lane, ms] of waits) {
      if (ms === undefined) this.#refusals.delete(lane);
      else this.#refuse(lane, ms, beganMs, nowMs);
    }
  }

  /** Undefined if it is an outage of all, which is waited for. */
  #waitMsOf(lane: string, { served, refused }: LanesTried): number | undefined {
    if (refused.size > mostAtOnce) return undefined;
    const isServedInPart = served.has(lane);
    if (served.size > (isServedInPart ? 1 : 0)) return waitMs;
    // Others were served when these were refused first.
    if ([...refused.keys()].every((each) => this.#refusals.get(each)?.waitMs === waitMs)) return waitMs;
    // A partition of each: slots of one account, or accounts that have nobody else in their invocation.
    const areOfPartitions = [...refused.values()].every(({ isOfPartition }) => isOfPartition);
    return areOfPartitions && !isServedInPart ? waitAloneMs : undefined;
  }

  #refuse(lane: string, ms: number, beganMs: number, nowMs: number): void {
    const refusal = this.#refusals.get(lane);
    if (!refusal) {
      this.#refusals.set(lane, { sinceMs: beganMs, waitMs: ms, times: 0, outUntilMs: 0 });
      return;
    }
    const { sinceMs, times, outUntilMs } = refusal;
    const isOver = nowMs - sinceMs >= ms;
    const outMs = Math.min(mostOutMs, firstOutMs * 2 ** times);
    this.#refusals.set(lane, {
      sinceMs,
      waitMs: ms,
      times: isOver ? times + 1 : times,
      outUntilMs: isOver ? nowMs + outMs : outUntilMs,
    });
  }
}
