// The calls of the port Lanes, as an object whose calls can be exchanged one by one.

import type { Lanes } from '../../domain/counting/port.ts';

const names: Readonly<Record<keyof Lanes, true>> = {
  putReceipts: true,
  receipts: true,
  counted: true,
  tail: true,
  newest: true,
  lastRun: true,
  lastFoldedRun: true,
  announce: true,
  listOf: true,
  seal: true,
  noteFailure: true,
  leaveOut: true,
  markFolded: true,
  expire: true,
  documents: true,
  documentsBetween: true,
  putDocument: true,
  commit: true,
};

const laneCalls = Object.keys(names) as readonly (keyof Lanes)[];

export type LaneCall = (...args: readonly unknown[]) => Promise<unknown>;

export function mapCalls(lanes: Lanes, map: (name: keyof Lanes, call: LaneCall) => LaneCall): Lanes {
  const mapped: Partial<Record<keyof Lanes, LaneCall>> = {};
  for (const name of laneCalls) mapped[name] = map(name, (lanes[name] as LaneCall).bind(lanes));
  return mapped as Lanes;
}
