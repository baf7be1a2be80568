// What an alarm is called and which runbook belongs to it. Names come from the objectives and signals, so that a
// new objective without a runbook is found by a test rather than at night.

import {
  type BurnRatePair,
  burnRatePairs,
  type Objective,
  objectives,
  type Severity,
  type signals,
} from '../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

export type AlarmIdentity = {
  /** The same in all stages; the alarm itself is called `weir-<stage>-<name>`. */
  readonly name: string;
  /** Relative to the root of the project. */
  readonly runbook: string;
};

/** All pairs of an objective share its runbook: what to do does not depend on the window. */
export function burnAlarm(objective: Objective, pair: BurnRatePair): AlarmIdentity {
  const subject = `${objective.name}-burn`;
  return { name: `${subject}-${pair.longMinutes}m`, runbook: runbookOf(subject) };
}

const signalNames = {
  streamLag: 'stream-lag',
  heldRecords: 'held-records',
  parkedRecords: 'parked-records',
  quarantined: 'quarantine',
  consumerErrors: 'consumer-errors',
  ledgerImbalance: 'ledger-imbalance',
} as const satisfies Record<keyof typeof signals, string>;

export function signalAlarm(signal: keyof typeof signals): AlarmIdentity {
  return { name: signalNames[signal], runbook: runbookOf(signalNames[signal]) };
}

/** Every alarm that can notify someone. */
export const alarmIdentities: readonly AlarmIdentity[] = [
  ...objectives.flatMap((objective) => burnRatePairs.map((pair) => burnAlarm(objective, pair))),
  ...(Object.keys(signalNames) as (keyof typeof signals)[]).map(signalAlarm),
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
