// The intake document: what one slot received in one hour, and the outcome of it. Reports check that it balances.

import type { DocumentFields } from './documents.ts';

export type Intake = {
  readonly received: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly quarantined: number;
  readonly records: number;
  /** Of the records on the stream. */
  readonly bytes: number;
  /** Of the records: not stored in time. Documents of earlier releases have none. */
  readonly slow: number;
};

const intakeFields = [
  'received',
  'stored',
  'duplicates',
  'conflicts',
  'quarantined',
  'records',
  'bytes',
  'slow',
] as const;

export function addIntake(a: Intake, b: Intake): Intake {
  return Object.fromEntries(intakeFields.map((field) => [field, a[field] + b[field]])) as Intake;
}

export const emptyIntake: Intake = {
  received: 0,
  stored: 0,
  duplicates: 0,
  conflicts: 0,
  quarantined: 0,
  records: 0,
  bytes: 0,
  slow: 0,
};

export const intakeFromFields = (fields: DocumentFields): Intake =>
  Object.fromEntries(intakeFields.map((field) => [field, Number(fields[field] ?? 0)])) as Intake;

export const intakeToFields = (intake: Intake): DocumentFields => ({ ...intake });

/** received − (stored + duplicates + conflicts + quarantined). Not 0 means that counting is wrong. */
export const imbalanceOf = (intake: Intake): number =>
  intake.received - intake.stored - intake.duplicates - intake.conflicts - intake.quarantined;
