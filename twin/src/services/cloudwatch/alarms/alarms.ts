// All alarms of a template with their states: evaluated at a moment over the metrics of a store, each by its own
// definition. Pure: the moments come from outside, so that a test evaluates days in a loop.

import type { Template } from '../../../template/template.ts';
import type { MetricStore } from '../store/metric-store.ts';
import {
  type AlarmDefinition,
  type CompositeAlarm,
  type MetricAlarm,
  readAlarms,
} from './alarm-definition.ts';
import { type AlarmState, extraPeriods, judge } from './missing-data.ts';

export type Transition = {
  readonly alarm: AlarmDefinition;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly atMs: number;
  /** Why, in words as CloudWatch's. */
  readonly reason: string;
  /** The ARNs that are told of it. */
  readonly actions: readonly string[];
};

export type AlarmStatus = {
  readonly alarm: AlarmDefinition;
  readonly state: AlarmState;
  readonly reason: string;
  readonly sinceMs: number;
};

export class AlarmUnknown extends Error {
  override readonly name = 'AlarmUnknown';
  constructor(name: string) {
    super(`There is no alarm ${name}.`);
  }
}

type Finding = Pick<Current, 'state' | 'reason'>;

const msPerMinute = 60_000;
const minutesPerHour = 60;
const minutesPerDay = 1440;
/** AWS keeps them for two weeks. */
const historyMs = 14 * minutesPerDay * msPerMinute;
const mostTransitions = 10_000;

type Current = {
  readonly state: AlarmState;
  readonly reason: string;
  readonly sinceMs: number;
  /** It was evaluated in this state, without any value: without a value it stays so. */
  isSettled?: boolean;
};

export class Alarms {
  readonly store: MetricStore;
  private readonly definitions: readonly AlarmDefinition[];
  private readonly current = new Map<string, Current>();
  private transitions: Transition[] = [];

  constructor(template: Template, store: MetricStore, startMs = 0) {
    this.store = store;
    this.definitions = readAlarms(template, store);
    for (const { name } of this.definitions)
      this.current.set(name, {
        state: 'INSUFFICIENT_DATA',
        reason: 'Unchecked: Initial alarm creation',
        sinceMs: startMs,
      });
  }

  /** By the minutes that have ended by then. What changed, in the order in which it did. */
  evaluateAt(atMs: number): readonly Transition[] {
    const endMinute = Math.floor(atMs / msPerMinute);
    return this.definitions.flatMap((alarm) => {
      const change =
        alarm.kind === 'metric' ? this.judgeMetric(alarm, endMinute) : this.judgeComposite(alarm);
      return change === undefined ? [] : [this.change(alarm, change.state, change.reason, atMs)];
    });
  }

  get isEmpty(): boolean {
    return this.definitions.length === 0;
  }

  /** In the order of the template; composite alarms come last. */
  states(): readonly AlarmStatus[] {
    return this.definitions.map((alarm) => {
      const { state, reason, sinceMs } = this.of(alarm.name);
      return { alarm, state, reason, sinceMs };
    });
  }

  stateOf(name: string): AlarmState {
    return this.of(name).state;
  }

  /** The oldest first. */
  history(): readonly Transition[] {
    return this.transitions;
  }

  /** Until its next evaluation finds another state. Undefined where it has this one. */
  set(name: string, state: AlarmState, reason: string, atMs: number): Transition | undefined {
    const alarm = this.definitions.find((each) => each.name === name);
    if (alarm === undefined) throw new AlarmUnknown(name);
    return this.of(name).state === state ? undefined : this.change(alarm, state, reason, atMs);
  }

  private of(name: string): Current {
    const current = this.current.get(name);
    if (current === undefined) throw new AlarmUnknown(name);
    return current;
  }

  private judgeMetric(alarm: MetricAlarm, minute: number): Finding | undefined {
    const { periodMinutes, evaluationPeriods, datapointsToAlarm, comparison, threshold } = alarm;
    // CloudWatch evaluates an alarm that looks back more than a day once an hour, by whole hours.
    const isHourly = periodMinutes * evaluationPeriods > minutesPerDay;
    if (isHourly && minute % minutesPerHour !== 0 && this.isJudged(alarm)) return undefined;
    const endMinute = isHourly ? minute - (minute % minutesPerHour) : minute;
    const lookedBack = (evaluationPeriods + extraPeriods) * periodMinutes;
    const isSilent = alarm.queries.isSilent(endMinute - lookedBack, endMinute);
    const current = this.of(alarm.name);
    if (isSilent && current.isSettled === true) return undefined;
    const values = valuesOf(alarm, endMinute);
    const points = values.map((value) => (Number.isNaN(value) ? undefined : alarm.isBreaching(value)));
    const { state, breaching, present } = judge(points, alarm, alarm.missingData);
    if (state === 'unchanged' || state === current.state) {
      current.isSettled = isSilent;
      return undefined;
    }
    const shown = values.filter((value) => !Number.isNaN(value)).slice(-evaluationPeriods);
    const missing = evaluationPeriods - present;
    const reason =
      `Threshold Crossed: ${breaching} of the last ${evaluationPeriods} datapoints [${shown.join(', ')}] ` +
      `${breaching === 1 ? 'was' : 'were'} ${inWords(comparison)} the threshold (${threshold}), and ${missing} ` +
      `${missing === 1 ? 'was' : 'were'} missing (minimum ${datapointsToAlarm} for ALARM; missing data: ` +
      `${alarm.missingData}).`;
    return {
      state,
      reason:
        state === 'INSUFFICIENT_DATA' ? `Insufficient Data: ${missing} datapoints were unknown.` : reason,
    };
  }

  private isJudged({ name }: MetricAlarm): boolean {
    return this.of(name).state !== 'INSUFFICIENT_DATA';
  }

  private judgeComposite({ name, rule }: CompositeAlarm): Finding | undefined {
    const state = rule.holds((other) => this.of(other).state) ? 'ALARM' : 'OK';
    if (state === this.of(name).state) return undefined;
    const asked = [...rule.names].map((other) => `${other} is ${this.of(other).state}`);
    return {
      state,
      reason: `The rule ${state === 'ALARM' ? 'holds' : 'does not hold'}: ${asked.join(', ')}.`,
    };
  }

  private change(alarm: AlarmDefinition, to: AlarmState, reason: string, atMs: number): Transition {
    const { state: from } = this.of(alarm.name);
    this.current.set(alarm.name, { state: to, reason, sinceMs: atMs });
    const transition = {
      alarm,
      from,
      to,
      atMs,
      reason,
      actions: alarm.actionsEnabled ? alarm.actions[to] : [],
    };
    this.transitions.push(transition);
    // Trimmed in pieces, because each time costs the length of the list.
    if (this.transitions.length > 2 * mostTransitions)
      this.transitions = this.transitions
        .filter((each) => each.atMs > atMs - historyMs)
        .slice(-mostTransitions);
    return transition;
  }
}

/** Those of the periods that are evaluated, and of those before them only if one of these is missing. */
function valuesOf(alarm: MetricAlarm, endMinute: number): readonly number[] {
  const { queries, queryId, periodMinutes, evaluationPeriods } = alarm;
  const over = (periods: number) => {
    const [line] = queries.compute(queryId, { endMinute, periodMinutes, periods });
    return Array.from({ length: periods }, (_, index) => line?.at(index) ?? Number.NaN);
  };
  const values = over(evaluationPeriods);
  return values.some(Number.isNaN) ? over(evaluationPeriods + extraPeriods) : values;
}

/** `GreaterThanThreshold` as `greater than`. */
function inWords(comparison: string): string {
  return comparison
    .replace('Threshold', '')
    .replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
}
