// Checks the runs of each lane: they follow each other without a gap, each list holds the plain receipts that it should,
// and no plain receipt is passed by. Also decides which receipts a document must hold.

import { placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import type { Run } from '../../domain/counting/runs.ts';
import { laneKey, type Position } from '../../domain/keys.ts';
import type { LaneName, Tables } from './tables.ts';

/** What is wrong, and where. */
export type Violation = string;

/** Whether a document that is folded up to there must hold the receipt. */
export type IsHeld = (receipt: Receipt, foldedTo: Position) => boolean;

/** Direct receipts, and those on the list of a run that is folded, or that this document has already. */
export function isHeldBy({ runs, lists }: Pick<Tables, 'runs' | 'lists'>): IsHeld {
  const runsByName = new Map(runs.map((run) => [`${laneKey(run.lane)} ${run.start}`, run]));
  const listing = new Map<string, Run>();
  for (const { lane, start, positions } of lists) {
    const run = runsByName.get(`${lane} ${start}`);
    if (run) for (const position of positions) listing.set(`${lane} ${position}`, run);
  }
  return (receipt, foldedTo) => {
    if (receipt.mode === 'direct') return true;
    const run = listing.get(`${laneKey(receipt.lane)} ${placeOf(receipt)}`);
    return run !== undefined && (run.state === 'folded' || foldedTo >= run.to);
  };
}

/** Plain receipts past the last run of their lane: readers add them to the documents. */
export function isWaiting({ runs }: Pick<Tables, 'runs'>): (receipt: Receipt) => boolean {
  const ends = new Map<LaneName, Position>();
  for (const { lane, to } of runs) if (to > (ends.get(laneKey(lane)) ?? '')) ends.set(laneKey(lane), to);
  return (receipt) => receipt.mode === 'plain' && placeOf(receipt) > (ends.get(laneKey(receipt.lane)) ?? '');
}

export function auditRuns({ runs, lists, receipts }: Tables): Violation[] {
  const ofLane = {
    runs: Map.groupBy(runs, ({ lane }) => laneKey(lane)),
    lists: Map.groupBy(lists, ({ lane }) => lane),
    receipts: Map.groupBy(receipts, ({ lane }) => laneKey(lane)),
  };
  const lanes = new Set(Object.values(ofLane).flatMap((byLane) => [...byLane.keys()]));
  return [...lanes].flatMap((lane) => {
    const inOrder = (ofLane.runs.get(lane) ?? []).toSorted((a, b) => (a.start < b.start ? -1 : 1));
    const kept: KeptLane = {
      lane,
      runs: inOrder,
      lists: new Map((ofLane.lists.get(lane) ?? []).map(({ start, positions }) => [start, positions])),
      receipts: new Map((ofLane.receipts.get(lane) ?? []).map((receipt) => [placeOf(receipt), receipt])),
    };
    return [...auditOrder(kept), ...auditLists(kept), ...auditPassedBy(kept)];
  });
}

type KeptLane = {
  readonly lane: LaneName;
  readonly runs: readonly Run[];
  readonly lists: ReadonlyMap<Position, readonly Position[]>;
  readonly receipts: ReadonlyMap<Position, Receipt>;
};

const nameOf = ({ lane, start, to }: Run): string => `run ${laneKey(lane)} (${start}, ${to}]`;

/** Runs outlive a storm, so the first one is still there. */
function auditOrder({ runs }: KeptLane): Violation[] {
  return runs.flatMap((run, index) => {
    const previousTo = runs[index - 1]?.to ?? '';
    return [
      ...(run.start === previousTo
        ? []
        : [`${nameOf(run)} does not start at ${previousTo || 'the beginning'}`]),
      ...(run.start < run.to ? [] : [`${nameOf(run)} does not end after its start`]),
      ...(run.state === 'folded' || index === runs.length - 1
        ? []
        : [`${nameOf(run)} is not folded, and another run follows it`]),
      ...(run.leftOut.length === 0 ? [] : [`${nameOf(run)} leaves out ${run.leftOut.join(', ')}`]),
    ];
  });
}

function auditLists({ lane, runs, lists, receipts }: KeptLane): Violation[] {
  const starts = new Set(runs.map(({ start }) => start));
  const strange = [...lists.keys()]
    .filter((start) => !starts.has(start))
    .map((start) => `the list ${lane} ${start} is of no run`);
  const wrong = runs.flatMap((run) => {
    const positions = lists.get(run.start);
    if (!positions)
      return run.state === 'folded' ? [`${nameOf(run)} is folded, and its list is not there`] : [];
    return positions.flatMap((position) => {
      const receipt = receipts.get(position);
      if (!receipt) return [`${nameOf(run)} lists ${position}, which has no receipt`];
      const { state, mode } = receipt;
      return [
        ...(state === 'counted' && mode === 'plain'
          ? []
          : [`${nameOf(run)} lists ${position}, which is ${state} and ${mode}`]),
        ...(run.start < position && position <= run.to
          ? []
          : [`${nameOf(run)} lists ${position}, which it does not cover`]),
      ];
    });
  });
  return [...strange, ...wrong];
}

/** What a run has passed by must be direct, or no document will ever have it. */
function auditPassedBy({ lane, runs, lists, receipts }: KeptLane): Violation[] {
  return [...receipts].flatMap(([position, { mode }]) => {
    const run = runs.find(({ start, to }) => start < position && position <= to);
    const list = run && lists.get(run.start);
    if (mode !== 'plain' || !run || !list || list.includes(position)) return [];
    return [`receipt ${lane} ${position} is plain, and ${nameOf(run)} does not list it`];
  });
}
