// Evaluates the alarms once a minute by the clock of the twin, and tells those who are to be told. A twin without alarms
// does nothing.

import type { Clock } from '../../../core/clock.ts';
import type { Startable } from '../../../core/start-in-phases.ts';
import type { Alarms, Transition } from './alarms.ts';
import type { AlarmState } from './missing-data.ts';

export type AlarmRunnerOptions = {
  readonly alarms: Alarms;
  readonly clock: Clock;
  /** Brings what was measured until now into the store. */
  readonly collect: () => void;
  readonly tell: (transition: Transition) => void;
};

const msPerMinute = 60_000;
const minutesPerHour = 60;
/** Functions write down what they measured when an invocation ends: that of the last seconds of a minute comes after it. */
const graceMs = 1000;

export class AlarmRunner implements Startable {
  readonly name = 'the alarms';
  private readonly options: AlarmRunnerOptions;
  private evaluatedMinute = 0;
  private stop: () => void = () => undefined;

  constructor(options: AlarmRunnerOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    if (this.options.alarms.isEmpty) return;
    this.evaluatedMinute = this.endedMinute();
    const stopListening = this.options.clock.onMove(() => this.catchUp());
    let cancel = () => {};
    const wait = () => {
      const intoMinuteMs = (this.options.clock.now() - graceMs) % msPerMinute;
      cancel = this.options.clock.after(msPerMinute - intoMinuteMs, () => {
        this.catchUp();
        wait();
      });
    };
    wait();
    this.stop = () => {
      stopListening();
      cancel();
    };
  }

  async end(): Promise<void> {
    this.stop();
  }

  /** Until the clock finds another state: with the next minute. */
  set(name: string, state: AlarmState, reason: string): void {
    const { alarms, clock, tell } = this.options;
    const transition = alarms.set(name, state, reason, clock.now());
    if (transition !== undefined) tell(transition);
  }

  /** Every minute that has ended since; of a move over days as many as `minutesToEvaluate` says. */
  private catchUp(): void {
    const { alarms, collect, tell } = this.options;
    const ended = this.endedMinute();
    const since = this.evaluatedMinute;
    this.evaluatedMinute = ended;
    if (ended <= since) return;
    collect();
    for (const minute of minutesToEvaluate(since, ended))
      for (const transition of alarms.evaluateAt(minute * msPerMinute)) tell(transition);
  }

  private endedMinute(): number {
    return Math.floor((this.options.clock.now() - graceMs) / msPerMinute);
  }
}

/** By the minute at both ends, where there may be values; and by the hour between, where windows only run empty. */
const detailMinutes = 180;
const mostHours = 14 * 24;

export function minutesToEvaluate(sinceMinute: number, endMinute: number): readonly number[] {
  const by = (fromMinute: number, toMinute: number, step: number) =>
    Array.from(
      { length: Math.max(0, Math.ceil((toMinute - fromMinute) / step)) },
      (_, index) => fromMinute + index * step,
    );
  const first = sinceMinute + 1;
  if (endMinute - sinceMinute <= 2 * detailMinutes) return by(first, endMinute + 1, 1);
  const detailedTo = first + detailMinutes;
  const detailedFrom = endMinute + 1 - detailMinutes;
  const hours = by(Math.ceil(detailedTo / minutesPerHour) * minutesPerHour, detailedFrom, minutesPerHour);
  return [...by(first, detailedTo, 1), ...hours.slice(-mostHours), ...by(detailedFrom, endMinute + 1, 1)];
}
