// What reviews and reports need from the world: metrics by the hour, the states of alarms, and places to keep what they
// find.

import type { Incident, Note, Transition } from './incidents.ts';
import type { MetricQuery } from './indicators.ts';

export type TimeRange = { readonly fromMs: number; readonly toMs: number };

/** Expressions over the ids of `metrics`, by the names that the answer has. An expression may be a single id. */
export type Measurement<Name extends string = string> = {
  readonly metrics: Readonly<Record<string, MetricQuery>>;
  readonly expressions: Readonly<Record<Name, string>>;
};

/** Values by the hour in which they were measured; an hour without data is absent. */
export type Hourly = ReadonlyMap<number, number>;
export type Measured<Name extends string = string> = Readonly<Record<Name, Hourly>>;

export type MetricReader = {
  /** An answer for each measurement, in their order. Both ends of the range are full hours. */
  read<Name extends string>(
    measurements: readonly Measurement<Name>[],
    range: TimeRange,
  ): Promise<readonly Measured<Name>[]>;
};

/** Those of the stage that notify somebody. */
export type AlarmReader = {
  /** One for each alarm: the state that it is in, and since when. */
  states(): Promise<readonly Transition[]>;
  /** CloudWatch keeps them for 30 days. */
  transitions(range: TimeRange): Promise<readonly Transition[]>;
};

export type Incidents = {
  /** That were open at a time of the range, the oldest first. */
  list(range: TimeRange): Promise<readonly Incident[]>;
  find(id: string): Promise<Incident | undefined>;
  /** All of it but the notes, which operators add. */
  keep(incident: Incident): Promise<void>;
  addNote(id: string, note: Note): Promise<void>;
};

/** Until when reviews have looked, so that each goes on where the last one ended. */
export type ReviewMark = {
  find(): Promise<number | undefined>;
  keep(reviewedToMs: number): Promise<void>;
};

/** The bucket of reports. */
export type ReportShelf = {
  put(name: string, text: string): Promise<void>;
  /** Where an operator finds it. */
  addressOf(name: string): string;
};

/** Tells whoever subscribed to the topic of reports. */
export type ReportTopic = { publish(subject: string, text: string): Promise<void> };
