// The template's EventBridge rules on a schedule: each calls its functions when its time has come.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { AsyncInvoker } from '../../core/invocation.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import { twinAccount } from '../../template/pseudo-parameters.ts';
import type { Resource, Template } from '../../template/template.ts';
import { type RuleTarget, readTargets } from './rule-targets.ts';
import { nextRun, ScheduleNotModelled } from './schedule-expression.ts';

export type SchedulesOptions = {
  readonly template: Template;
  readonly invocations: AsyncInvoker;
  readonly clock: Pick<Clock, 'now' | 'onMove'>;
  readonly report: (problem: string) => void;
};

type Plan = {
  readonly rule: Resource;
  readonly expression: string;
  readonly targets: readonly RuleTarget[];
  atMs: number;
  timer: NodeJS.Timeout | undefined;
};

/** Longer waits are done in pieces: timers hold 31 bits of milliseconds. */
const longestWaitMs = 3_600_000;

export class Schedules implements Startable {
  readonly name = 'the schedules';
  private readonly options: SchedulesOptions;
  private plans: readonly Plan[] = [];
  private stopListening = () => {};

  constructor(options: SchedulesOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    const { template, clock } = this.options;
    this.plans = template.resources('AWS::Events::Rule').flatMap((rule) => this.planFor(rule) ?? []);
    for (const plan of this.plans) this.wait(plan);
    this.stopListening = clock.onMove(() => {
      for (const plan of this.plans) {
        // A clock that went back must not leave a run far ahead.
        plan.atMs = Math.min(plan.atMs, nextRun(plan.expression, clock.now()));
        this.wait(plan);
      }
    });
  }

  async end(): Promise<void> {
    this.stopListening();
    for (const { timer } of this.plans) clearTimeout(timer);
    this.plans = [];
  }

  private planFor(rule: Resource): Plan | undefined {
    const { ScheduleExpression, State = 'ENABLED' } = rule.properties;
    if (ScheduleExpression === undefined) return undefined;
    // Read also where the rule is disabled: what is not modelled is reported before it is enabled.
    const targets = readTargets(rule, this.options.template, this.options.report);
    if (State === 'DISABLED') return undefined;
    const expression = String(ScheduleExpression);
    try {
      const atMs = nextRun(expression, this.options.clock.now());
      return { rule, expression, targets, atMs, timer: undefined };
    } catch (error) {
      if (!(error instanceof ScheduleNotModelled)) throw error;
      this.options.report(`${rule.logicalId}: ${error.message}`);
      return undefined;
    }
  }

  private wait(plan: Plan): void {
    const leftMs = plan.atMs - this.options.clock.now();
    clearTimeout(plan.timer);
    if (leftMs === Number.POSITIVE_INFINITY) return;
    plan.timer = setTimeout(
      () => (leftMs > longestWaitMs ? this.wait(plan) : this.runAndPlanNext(plan)),
      Math.min(Math.max(leftMs, 0), longestWaitMs),
    );
  }

  private runAndPlanNext(plan: Plan): void {
    const { expression, atMs } = plan;
    const nowMs = this.options.clock.now();
    const next = nextRun(expression, atMs);
    // What was missed while the machine slept, or over which the clock was moved, is not made up.
    plan.atMs = next >= nowMs ? next : nextRun(expression, nowMs);
    this.wait(plan);
    this.run(plan, atMs);
  }

  private run({ rule, targets }: Plan, atMs: number): void {
    const event = scheduledEvent(rule, atMs);
    for (const { functionArn, inputOf } of targets)
      this.options.invocations.invoke(functionArn, inputOf(event));
  }
}

function scheduledEvent(rule: Resource, atMs: number) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: twinAccount.accountId,
    time: new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: twinAccount.region,
    resources: [rule.attribute('Arn')],
    detail: {},
  };
}
