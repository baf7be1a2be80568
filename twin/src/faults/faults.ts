// Injected faults: a step of the proxy that makes calls fail by rules, and what event source mappings ask before they
// deliver. Rules come as a plan, or one by one from a test. The first rule in force that matches a call acts on it.

import type { Clock } from '../core/clock.ts';
import { type AwsCall, chain, type Step } from '../core/proxy/aws-call.ts';
import { applyFault, type FaultedCall } from './apply-fault.ts';
import { createMatcher } from './matching.ts';
import { readPlan, readRule } from './plan.ts';
import type { CallAction, FaultRule } from './rule-schema.ts';
import { type RuleState, RunningRule } from './running-rule.ts';

export type InjectedFault = {
  /** How often it did something. */
  met(): number;
  /** Calls that it holds go on. */
  remove(): void;
};

export type ListedFault = {
  /** Its place in the plan, from 1. */
  readonly number: number;
  readonly name: string;
  readonly state: RuleState;
  readonly met: number;
  readonly rule: FaultRule;
};

export type FaultsOptions = {
  readonly clock: Pick<Clock, 'elapsed' | 'after'>;
  /** Ends an execution environment; false where it is gone already. */
  readonly kill: FaultedCall['kill'];
};

type Placed = { readonly running: RunningRule; readonly matches: (call: AwsCall) => boolean };

const defaultSeed = 1;

export class Faults {
  private readonly options: FaultsOptions;
  private placed: readonly Placed[] = [];
  private placedCount = 0;

  constructor(options: FaultsOptions) {
    this.options = options;
  }

  readonly step: Step = (call, next) =>
    chain(
      this.placed.map((each) => this.stepOf(each, next)),
      next,
    )(call);

  /** In place of all rules. Throws InvalidFaultPlan, and then leaves them as they are. */
  load(plan: unknown): void {
    const { seed, rules } = readPlan(plan);
    this.clear();
    for (const rule of rules) this.place(rule, seed);
  }

  /** After those that are there. Throws InvalidFaultPlan. */
  inject(rule: FaultRule, seed = defaultSeed): InjectedFault {
    const placed = this.place(readRule(rule), seed);
    return {
      met: () => placed.running.met,
      remove: () => {
        this.placed = this.placed.filter((each) => each !== placed);
        placed.running.remove();
      },
    };
  }

  /** Calls that were held go on. */
  clear(): void {
    const before = this.placed;
    this.placed = [];
    this.placedCount = 0;
    for (const { running } of before) running.remove();
  }

  list(): readonly ListedFault[] {
    return this.placed.map(({ running: { number, name, state, met, rule } }) => ({
      number,
      name,
      state,
      met,
      rule,
    }));
  }

  isStopped(functionLabel: string): boolean {
    const stop = this.about('stop', functionLabel).find(({ state }) => state === 'active');
    // However often it is looked at, it is stopped once.
    if (stop !== undefined) stop.met = 1;
    return stop !== undefined;
  }

  /** Asked once for each delivery, which it counts. */
  deliveries(functionLabel: string): 'once' | 'twice' | 'together' {
    for (const running of this.about('deliver_twice', functionLabel)) {
      if (running.admit() === undefined) continue;
      running.met += 1;
      return running.rule.do.kind === 'deliver_twice' && running.rule.do.together ? 'together' : 'twice';
    }
    return 'once';
  }

  private place(rule: FaultRule, seed: number): Placed {
    this.placedCount += 1;
    const { clock } = this.options;
    const running = new RunningRule({ rule, number: this.placedCount, seed, clock });
    const placed = { running, matches: createMatcher(rule) };
    this.placed = [...this.placed, placed];
    return placed;
  }

  private stepOf({ running, matches }: Placed, forward: FaultedCall['forward']): Step {
    return (call, later) => {
      const random = matches(call) ? running.admit() : undefined;
      if (random === undefined) return later(call);
      const { kill } = this.options;
      return applyFault(running.rule.do as CallAction, { call, running, random, forward, later, kill });
    };
  }

  private about(kind: 'stop' | 'deliver_twice', functionLabel: string): readonly RunningRule[] {
    return this.placed
      .map(({ running }) => running)
      .filter(({ rule }) => rule.do.kind === kind && rule.on.caller === functionLabel);
  }
}
