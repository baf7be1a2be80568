// The template's EventBridge rules on a schedule: each calls its functions when its time has come.

import { randomUUID } from 'node:crypto';
import type { Invoker } from './functions/functions.ts';
import { nextRun, ScheduleNotModelled } from './schedule-expression.ts';
import type { Service } from './service.ts';
import { twinAccount } from './template/pseudo-parameters.ts';
import type { Resource, System } from './template/system.ts';

export type SchedulesOptions = {
  readonly system: () => System;
  readonly functions: Invoker;
  readonly now: () => number;
  readonly report: (problem: string) => void;
};

type Target = { readonly Arn: string; readonly Input?: string };

/** Longer waits are done in pieces: timers hold 31 bits of milliseconds. */
const longestWaitMs = 3_600_000;

export class Schedules implements Service {
  readonly name = 'the schedules';
  private readonly options: SchedulesOptions;
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(options: SchedulesOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    const rules = this.options.system().resources('AWS::Events::Rule');
    for (const rule of rules) {
      const { ScheduleExpression, State = 'ENABLED' } = rule.properties;
      if (ScheduleExpression === undefined || State === 'DISABLED') continue;
      try {
        this.plan(rule, String(ScheduleExpression), nextRun(String(ScheduleExpression), this.options.now()));
      } catch (error) {
        if (!(error instanceof ScheduleNotModelled)) throw error;
        this.options.report(`${rule.logicalId}: ${error.message}`);
      }
    }
  }

  async end(): Promise<void> {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  private plan(rule: Resource, expression: string, atMs: number): void {
    const leftMs = atMs - this.options.now();
    const timer = setTimeout(
      () => {
        if (leftMs > longestWaitMs) return this.plan(rule, expression, atMs);
        // What was missed while the machine slept is not made up.
        const next = nextRun(expression, atMs);
        const nowMs = this.options.now();
        this.plan(rule, expression, next >= nowMs ? next : nextRun(expression, nowMs));
        void this.run(rule, atMs);
      },
      Math.min(Math.max(leftMs, 0), longestWaitMs),
    );
    this.timers.set(rule.logicalId, timer);
  }

  private async run(rule: Resource, atMs: number): Promise<void> {
    for (const { Arn, Input } of (rule.properties.Targets ?? []) as readonly Target[]) {
      const event = Input === undefined ? scheduledEvent(rule, atMs) : JSON.parse(Input);
      try {
        await this.options.functions.invoke(Arn, event);
      } catch (error) {
        this.options.report(`${rule.logicalId}: ${(error as Error).message}`);
      }
    }
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
