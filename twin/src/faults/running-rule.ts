// One rule in force: when it acts, by the clock, by how often it has acted, and by chance. Chance depends on the seed and
// the number of the call alone, so a run can be repeated.

import type { Clock } from '../core/clock.ts';
import { seedAt, seededRandom } from './random.ts';
import type { FaultRule } from './rule-schema.ts';

export type RuleState = 'waiting' | 'active' | 'over';

export type RunningRuleOptions = {
  readonly rule: FaultRule;
  readonly number: number;
  readonly seed: number;
  readonly clock: Pick<Clock, 'elapsed' | 'after'>;
};

export class RunningRule {
  readonly rule: FaultRule;
  readonly number: number;
  /** How often it did something. */
  met = 0;
  private readonly seed: number;
  private readonly clock: RunningRuleOptions['clock'];
  private readonly sinceMs: number;
  private seen = 0;
  private removed = false;
  private readonly held = new Set<() => void>();

  constructor({ rule, number, seed, clock }: RunningRuleOptions) {
    this.rule = rule;
    this.number = number;
    this.seed = seedAt(seed, number);
    this.clock = clock;
    this.sinceMs = clock.elapsed();
  }

  get name(): string {
    return this.rule.name ?? `fault ${this.number}`;
  }

  get state(): RuleState {
    const { skip = 0 } = this.rule.when ?? {};
    const byTime = this.stateByTime();
    return byTime === 'active' && this.seen < skip ? 'waiting' : byTime;
  }

  /** Asked once for each call or delivery that it is about. What it answers, if it shall act, is its chance for this. */
  admit(): (() => number) | undefined {
    if (this.stateByTime() !== 'active') return undefined;
    const { skip = 0, share = 1 } = this.rule.when ?? {};
    this.seen += 1;
    const random = seededRandom(seedAt(this.seed, this.seen));
    const isChosen = random() < share;
    return this.seen > skip && isChosen ? random : undefined;
  }

  /** Resolves after so long, or when the rule is removed. */
  hold(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      const release = () => {
        cancel();
        this.held.delete(release);
        resolve();
      };
      const cancel = this.clock.after(durationMs, release);
      this.held.add(release);
    });
  }

  remove(): void {
    this.removed = true;
    for (const release of this.held) release();
  }

  private stateByTime(): RuleState {
    const { after_ms: afterMs = 0, for_ms: forMs = Number.POSITIVE_INFINITY, times } = this.rule.when ?? {};
    const elapsedMs = this.clock.elapsed() - this.sinceMs;
    if (this.removed || elapsedMs >= afterMs + forMs || this.met === times) return 'over';
    return elapsedMs < afterMs ? 'waiting' : 'active';
  }
}
