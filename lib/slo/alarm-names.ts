// The name and the runbook of each alarm. Names come from the objectives and signals, so that a test finds a new one
// without a runbook.

import {
  type BurnRatePair,
  burnRatePairs,
  type Objective,
  objectives,
  type Severity,
} from '../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import type { Signal } from './signals/signal.ts';
import { signals } from './signals/signals.ts';

export type AlarmIdentity = {
  /** The same in all stages; the alarm itself is called `weir-<stage>-<name>`. */
  readonly name: string;
  /** Relative to the root of the project. */
  readonly runbook: string;
};

/** All windows of an objective share its runbook. */
export function burnAlarm(objective: Objective, pair: BurnRatePair): AlarmIdentity {
  const subject = `${objective.name}-burn`;
  return { name: `${subject}-${pair.longMinutes}m`, runbook: runbookOf(subject) };
}

export const signalAlarm = ({ name }: Pick<Signal, 'name'>): AlarmIdentity => ({
  name,
  runbook: runbookOf(name),
});

/** Every alarm that notifies. */
export const alarmIdentities: readonly AlarmIdentity[] = [
  ...objectives.flatMap((objective) => burnRatePairs.map((pair) => burnAlarm(objective, pair))),
  ...signals.map(signalAlarm),
];

export function alarmName(stage: StageSettings, name: string): string {
  return `weir-${stage.name}-${name}`;
}

export function alarmDescription(what: string, severity: Severity, runbook: string): string {
  return `${what} Severity: ${severity}. Runbook: ${runbook}`;
}

function runbookOf(subject: string): string {
  return `docs/runbooks/${subject}.md`;
}
