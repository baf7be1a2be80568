// One hour of event time: what summaries show of it.

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { DocumentFields } from '../documents.ts';
import type { AcceptedEvent } from '../event.ts';
import { addNames, insertName } from './names.ts';

export type HourCounts = {
  total: number;
  readonly byType: Map<string, number>;
  readonly byService: Map<string, number>;
};

export const emptyHour = (): HourCounts => ({ total: 0, byType: new Map(), byService: new Map() });

export function insertEvents(hour: HourCounts, events: readonly AcceptedEvent[]): void {
  hour.total += events.length;
  for (const event of events) {
    insertName(hour.byType, event.type);
    if (event.service !== undefined) insertName(hour.byService, event.service);
  }
}

export function mergeHours(hours: Iterable<HourCounts>): HourCounts {
  const merged = emptyHour();
  for (const hour of hours) {
    merged.total += hour.total;
    addNames(merged.byType, hour.byType);
    addNames(merged.byService, hour.byService);
  }
  return merged;
}

/** Names go as lists, never as properties: `__proto__` is a valid event type. */
type HourWire = {
  readonly total: number;
  readonly types: readonly (readonly [string, number])[];
  readonly services: readonly (readonly [string, number])[];
};

export function hourToFields(hour: HourCounts): DocumentFields {
  const wire: HourWire = { total: hour.total, types: [...hour.byType], services: [...hour.byService] };
  return { format: 1, body: zstdCompressSync(JSON.stringify(wire)) };
}

export function hourFromFields(fields: DocumentFields): HourCounts {
  const { body } = fields;
  if (!(body instanceof Uint8Array)) return emptyHour();
  const wire = JSON.parse(zstdDecompressSync(body).toString()) as HourWire;
  return { total: wire.total, byType: new Map(wire.types), byService: new Map(wire.services) };
}
