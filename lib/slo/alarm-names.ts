// The name and the runbook of each alarm. Names come from the objectives and signals, so that a test finds a new one
// without a runbook.

import {
  type BurnRatePair,
  type Objective,
  objectives,
  pairsOf,
  type Severity,
} from '../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import { inWords } from './indicators.ts';
import type { Signal } from './signals/signal.ts';
import { signals } from './signals/signals.ts';

export type AlarmIdentity = {
  /** The same in all stages; the alarm itself is called `weir-<stage>-<name>`. */
  readonly name: string;
  readonly severity: Severity;
  /** When it rings, in a sentence. */
  readonly what: string;
  /** Relative to the root of the project. */
  readonly runbook: string;
};

/** All windows of an objective share its runbook. */
export function burnAlarm(objective: Objective, pair: BurnRatePair): AlarmIdentity {
  const { name, rate, longMinutes, shortMinutes, severity, lasting } = pair;
  const subject = `${objective.name}-burn`;
  const short = lasting
    ? `in ${lasting.windows} of the last ${lasting.of} windows of ${inWords(shortMinutes)}`
    : `over ${inWords(shortMinutes)}`;
  return {
    name: `${subject}-${name}`,
    severity,
    what: `${objective.title}: the error budget burns faster than ${rate}x over ${inWords(longMinutes)} and ${short}.`,
    runbook: runbookOf(subject),
  };
}

export const signalAlarm = ({
  name,
  severity,
  what,
  runbook = name,
}: Pick<Signal, 'name' | 'severity' | 'what' | 'runbook'>): AlarmIdentity => ({
  name,
  severity,
  what,
  runbook: runbookOf(runbook),
});

/** Every alarm that notifies. */
export const alarmIdentities: readonly AlarmIdentity[] = [
  ...objectives.flatMap((objective) => pairsOf(objective).map((pair) => burnAlarm(objective, pair))),
  ...signals.map(signalAlarm),
];

export function alarmName(stage: StageSettings, name: string): string {
  return `weir-${stage.name}-${name}`;
}

export function alarmDescription({ what, severity, runbook }: Omit<AlarmIdentity, 'name'>): string {
  return `${what} Severity: ${severity}. Runbook: ${runbook}`;
}

function runbookOf(subject: string): string {
  return `docs/runbooks/${subject}.md`;
}
