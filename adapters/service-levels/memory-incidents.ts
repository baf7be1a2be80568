// Incidents and the mark of reviews in memory.

import { type Incident, type Note, wasOpenIn } from '../../domain/service-levels/incidents.ts';
import type { Incidents, ReviewMark, TimeRange } from '../../domain/service-levels/port.ts';

export class MemoryIncidents implements Incidents {
  readonly #incidents = new Map<string, Incident>();

  async list(range: TimeRange): Promise<readonly Incident[]> {
    return [...this.#incidents.values()]
      .filter((incident) => wasOpenIn(incident, range))
      .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  async find(id: string): Promise<Incident | undefined> {
    return this.#incidents.get(id);
  }

  async keep(incident: Incident): Promise<void> {
    const notes = this.#incidents.get(incident.id)?.notes ?? [];
    this.#incidents.set(incident.id, { ...incident, notes });
  }

  async addNote(id: string, note: Note): Promise<void> {
    const incident = this.#incidents.get(id);
    if (incident === undefined) throw new Error(`There is no incident ${id}.`);
    this.#incidents.set(id, { ...incident, notes: [...incident.notes, note] });
  }
}

export class MemoryReviewMark implements ReviewMark {
  #reviewedToMs: number | undefined;

  async find(): Promise<number | undefined> {
    return this.#reviewedToMs;
  }

  async keep(reviewedToMs: number): Promise<void> {
    this.#reviewedToMs = reviewedToMs;
  }
}
