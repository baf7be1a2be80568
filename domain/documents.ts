// Aggregates are mergeable documents: one an hour of event time with the counts that summaries show, and one
// an hour of receipt (intake) that the ledger and quotas read. A version guards each against a second writer.

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { AcceptedEvent } from './event.ts';
import { documentSortKey, slotKey, type Tenant } from './keys.ts';

export type DocumentKey = {
  readonly tenant: Tenant;
  readonly slot: number;
  readonly kind: 'hour' | 'intake';
  readonly hourMs: number;
};

export const documentPartition = (key: DocumentKey): string => slotKey(key.tenant, key.slot);
export const documentSort = (key: DocumentKey): string => documentSortKey(key.kind, key.hourMs);
export const documentName = (key: DocumentKey): string => `${documentPartition(key)}#${documentSort(key)}`;

/** Version 0 is a document that does not exist yet. */
export type VersionedDocument = {
  readonly key: DocumentKey;
  readonly version: number;
  readonly expiresAtMs: number;
  readonly fields: DocumentFields;
};
export type DocumentFields = Readonly<Record<string, number | Uint8Array>>;

/** Past the caps, names count under this one. */
export const otherName = '(other)';
const maxNames = 256;
const maxNameBytes = 24 * 1024;

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

/** Caps apply on insertion only: merging never loses a name, so that its order cannot matter. */
function insertName(counts: Map<string, number>, name: string): void {
  const counted = counts.get(name);
  if (counted !== undefined) {
    counts.set(name, counted + 1);
  } else if (hasRoomFor(counts, name)) {
    counts.set(name, 1);
  } else {
    counts.set(otherName, (counts.get(otherName) ?? 0) + 1);
  }
}

function hasRoomFor(counts: ReadonlyMap<string, number>, name: string): boolean {
  if (counts.size >= maxNames) return false;
  let bytes = Buffer.byteLength(name);
  for (const known of counts.keys()) bytes += Buffer.byteLength(known);
  return bytes <= maxNameBytes;
}

export function mergeHours(hours: Iterable<HourCounts>): HourCounts {
  const merged = emptyHour();
  for (const hour of hours) {
    merged.total += hour.total;
    addAll(merged.byType, hour.byType);
    addAll(merged.byService, hour.byService);
  }
  return merged;
}

function addAll(into: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [name, count] of from) into.set(name, (into.get(name) ?? 0) + count);
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

export type Intake = {
  readonly received: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly quarantined: number;
  readonly bytes: number;
};

const intakeFields = ['received', 'stored', 'duplicates', 'conflicts', 'quarantined', 'bytes'] as const;

export function addIntake(a: Intake, b: Intake): Intake {
  return Object.fromEntries(intakeFields.map((field) => [field, a[field] + b[field]])) as Intake;
}

export const emptyIntake: Intake = {
  received: 0,
  stored: 0,
  duplicates: 0,
  conflicts: 0,
  quarantined: 0,
  bytes: 0,
};

export const intakeFromFields = (fields: DocumentFields): Intake =>
  Object.fromEntries(intakeFields.map((field) => [field, Number(fields[field] ?? 0)])) as Intake;

export const intakeToFields = (intake: Intake): DocumentFields => ({ ...intake });

/** received − (stored + duplicates + conflicts + quarantined): not zero means that the ledger is broken. */
export const imbalanceOf = (intake: Intake): number =>
  intake.received - intake.stored - intake.duplicates - intake.conflicts - intake.quarantined;
