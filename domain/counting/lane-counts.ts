// What a reader shows of a lane: each document, and the plain receipts past what is folded into it. Documents and receipts
// are handed on as they come, so that a reader need not hold them. All documents come before the first receipt.

import type { HourDelta } from '../documents/delta.ts';
import type { DocumentFields, VersionedDocument } from '../documents/documents.ts';
import { addIntake, emptyIntake, type Intake, intakeFromFields } from '../documents/intake.ts';
import type { Position } from '../keys.ts';
import { dayMs, floorTo, hourMs } from '../system/time.ts';
import type { Addition } from './additions.ts';
import { placeOf } from './receipt.ts';

/** Takes what lanes have in hours of event time. */
export type HourSink = {
  addDocument(hourMs: number, fields: DocumentFields): void;
  /** Of one receipt. */
  addDelta(hourMs: number, delta: HourDelta): void;
};

export type LaneBounds = {
  readonly bounds: { readonly fromMs: number; readonly toMs: number };
  readonly foldedTo: Position;
};

/** By day that is read from its day document instead of its hours: the end of the last run of a lane that is in it. */
export type EndsOfDays = ReadonlyMap<number, Position>;

export class LaneCounts {
  readonly #within: LaneBounds;
  readonly #into: HourSink;
  readonly #hoursFoldedTo = new Map<number, Position>();
  readonly #intakesFoldedTo = new Map<number, Position>();
  /** By the hour in which records were received. */
  readonly intakes = new Map<number, Intake>();

  constructor(within: LaneBounds, into: HourSink) {
    this.#within = within;
    this.#into = into;
  }

  addDocument({ key, foldedTo, fields }: VersionedDocument): void {
    if (key.kind === 'intake') {
      this.#intakesFoldedTo.set(key.hourMs, foldedTo);
      this.intakes.set(key.hourMs, intakeFromFields(fields));
      return;
    }
    if (!this.#isWithin(key.hourMs)) return;
    this.#hoursFoldedTo.set(key.hourMs, foldedTo);
    this.#into.addDocument(key.hourMs, fields);
  }

  /** Of a plain receipt. */
  addReceipt(addition: Addition, days: EndsOfDays): void {
    const place = placeOf(addition.receipt);
    const isPast = (to: Position = '') => place > to && place > this.#within.foldedTo;
    for (const [hour, delta] of addition.deltas) {
      const to = this.#hoursFoldedTo.get(hour) ?? days.get(floorTo(hour, dayMs));
      if (this.#isWithin(hour) && isPast(to)) this.#into.addDelta(hour, delta);
    }
    const received = floorTo(addition.receipt.receivedAtMs, hourMs);
    if (this.#isWithin(received) && isPast(this.#intakesFoldedTo.get(received)))
      this.intakes.set(received, addIntake(this.intakes.get(received) ?? emptyIntake, addition.intake));
  }

  #isWithin(hour: number): boolean {
    return hour >= this.#within.bounds.fromMs && hour < this.#within.bounds.toMs;
  }
}
