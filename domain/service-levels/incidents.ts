// Incidents: an alarm that notifies somebody was on, from when until when. They follow from the states of alarms, whatever
// is seen of them: a change that was missed shows in the state that came after it.

import { iso } from '../system/time.ts';
import type { Severity } from './objectives.ts';

/** The alarm came into this state at this time. `alarm` is its name without that of the stage. */
export type Transition = {
  readonly alarm: string;
  readonly severity: Severity;
  readonly atMs: number;
  readonly isOn: boolean;
};

/** `toMs` is absent while the alarm is on. */
export type Incident = {
  readonly id: string;
  readonly alarm: string;
  readonly severity: Severity;
  readonly fromMs: number;
  readonly toMs?: number;
  readonly notes: readonly Note[];
};

/** What an operator says of it, such as the root cause. None is changed or removed. */
export type Note = {
  readonly atMs: number;
  readonly by: string;
  /** The host of the operator. */
  readonly from: string;
  readonly text: string;
};

export const mostNoteCharacters = 2000;

/** Begins with the time, so that ids sort by it. Such as `20261130T230500Z-stream-lag`. */
export const incidentId = (alarm: string, fromMs: number): string => `${compact(fromMs)}-${alarm}`;
const incidentPattern = /^\d{8}T\d{6}Z-[a-z0-9-]{1,120}$/;
export const isIncidentId = (text: string): boolean => incidentPattern.test(text);
const compact = (instantMs: number): string => `${iso(instantMs).slice(0, 19).replaceAll(/[-:]/g, '')}Z`;

/**
 * The incidents that are new or that changed. `open`: those that have no end so far. `states`: of all alarms; the incident
 * of an alarm that is gone ends now.
 */
export function incidentsAfter(
  open: readonly Incident[],
  transitions: readonly Transition[],
  states: readonly Transition[],
  nowMs: number,
): readonly Incident[] {
  const current = new Map(open.map((incident) => [incident.alarm, incident]));
  const changed = new Map<string, Incident>();
  const keep = (incident: Incident) => changed.set(incident.id, incident);
  for (const { alarm, severity, atMs, isOn } of inOrder([...transitions, ...states])) {
    const own = current.get(alarm);
    if (isOn && own === undefined) {
      const begun = { id: incidentId(alarm, atMs), alarm, severity, fromMs: atMs, notes: [] };
      current.set(alarm, begun);
      keep(begun);
    } else if (!isOn && own !== undefined && atMs >= own.fromMs) {
      current.delete(alarm);
      keep({ ...own, toMs: atMs });
    }
  }
  const existing = new Set(states.map(({ alarm }) => alarm));
  for (const incident of current.values())
    if (!existing.has(incident.alarm)) keep({ ...incident, toMs: Math.max(nowMs, incident.fromMs) });
  return [...changed.values()];
}

const inOrder = (transitions: readonly Transition[]): readonly Transition[] =>
  transitions.toSorted((one, other) => one.atMs - other.atMs);

export const wasOpenIn = (
  { fromMs, toMs }: Pick<Incident, 'fromMs' | 'toMs'>,
  range: { readonly fromMs: number; readonly toMs: number },
): boolean => fromMs < range.toMs && (toMs === undefined || toMs > range.fromMs);
