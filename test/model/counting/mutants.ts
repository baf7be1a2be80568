// For each rule of counting, a world without it. In each the model must find a broken promise. The names are those of the
// randomized model that the design was attacked with.

import { decodable } from '../../../domain/counting/additions.ts';
import {
  type DocumentKey,
  documentName,
  type VersionedDocument,
} from '../../../domain/counting/documents.ts';
import { type LaneCounts, laneCounts } from '../../../domain/counting/lane-counts.ts';
import type { LaneCommit, Lanes } from '../../../domain/counting/port.ts';
import { isPlain, type LaneReceipt, placeOf } from '../../../domain/counting/receipt.ts';
import { beginning, covers, type Run } from '../../../domain/counting/runs.ts';
import {
  type Lane,
  laneKey,
  type Position,
  positionAfter,
  positionBefore,
  receivedAtOfPosition,
} from '../../../domain/keys.ts';
import { Unavailable } from '../../../domain/system/unavailable.ts';
import type { ReadBounds, ReadLaneDeps } from '../../../lambdas/counting/read-lane.ts';
import type { Actor } from '../scheduler.ts';
import type { Mutant } from './mutant.ts';
import type { World } from './world.ts';

const isOf = ({ name }: Actor, kind: 'consume' | 'fold' | 'read'): boolean => name.includes(`:${kind}`);

const storedOf = ({ store }: World, run: Pick<Run, 'lane' | 'start' | 'to'>): LaneReceipt[] =>
  [...store.stored.values()]
    .filter((receipt) => laneKey(receipt.lane) === laneKey(run.lane) && covers(run, placeOf(receipt)))
    .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));

/** Puts documents whatever their version is. */
async function atTheirVersion(lanes: Lanes, documents: readonly VersionedDocument[]) {
  const found = new Map(
    (await lanes.documents(documents.map(({ key }) => key))).map((each) => [documentName(each.key), each]),
  );
  return documents.map((each) => ({ ...each, version: found.get(documentName(each.key))?.version ?? 0 }));
}

/** Documents as they were before their last change, and when that was. */
type Noted = ReadonlyMap<string, { readonly document?: VersionedDocument; readonly at: number }>;
const before = new WeakMap<World, Noted>();
const noteBefore = async (lanes: Lanes, world: World, documents: readonly VersionedDocument[]) => {
  const noted = new Map(before.get(world));
  for (const { key } of documents) {
    const [document] = await lanes.documents([key]);
    noted.set(documentName(key), { ...(document && { document }), at: world.scheduler.trace.length });
  }
  before.set(world, noted);
};

async function tailOf({ lanes }: ReadLaneDeps, lane: Lane, from: Position): Promise<LaneReceipt[]> {
  const receipts: LaneReceipt[] = [];
  let after: Position | undefined = from;
  while (after !== undefined) {
    const page = await lanes.tail(lane, { after });
    receipts.push(...page.receipts);
    after = page.next;
  }
  return receipts;
}
const documentsOf = async ({ lanes }: ReadLaneDeps, lane: Lane, { fromMs, toMs }: ReadBounds) => [
  ...(await lanes.documentsBetween(lane, 'hour', fromMs, toMs)),
  ...(await lanes.documentsBetween(lane, 'intake', fromMs, toMs)),
];
const foldedToOf = async ({ lanes }: ReadLaneDeps, lane: Lane): Promise<Position> =>
  (await lanes.lastFoldedRun(lane))?.to ?? beginning;
const shown = (
  bounds: ReadBounds,
  foldedTo: Position,
  documents: readonly VersionedDocument[],
  receipts: readonly LaneReceipt[],
): LaneCounts => laneCounts({ bounds, foldedTo, documents, tail: decodable(receipts) });

/** Late events in the documents of live ones. */
const asLive = (key: DocumentKey): DocumentKey => ({ ...key, lane: { ...key.lane, late: false } });

export const mutants: Readonly<Record<string, Mutant>> = {
  'C1: a receipt is put without a condition': {
    atRest: (_, { store }) => ({
      putReceipts: async (receipts) => {
        for (const receipt of receipts)
          for (const [name, found] of store.stored)
            if (found.record === receipt.record) store.stored.delete(name);
        return store.putReceipts(receipts);
      },
    }),
  },
  'C2: the run of a receipt that was put is not looked for': {
    inTransit: (lanes, _, actor) => {
      let hasPut = false;
      return {
        putReceipts: (receipts) => {
          hasPut = true;
          return lanes.putReceipts(receipts);
        },
        lastRun: async (lane, position) =>
          hasPut && isOf(actor, 'consume') && position !== undefined
            ? undefined
            : lanes.lastRun(lane, position),
      };
    },
  },
  'C3: a run is announced after its receipts are listed': {
    inTransit: (lanes, _, actor) => {
      let held: Run | undefined;
      return {
        ...(isOf(actor, 'fold') && {
          announce: async (run) => {
            held = run;
            return true;
          },
        }),
        seal: async (run, list) => {
          if (held && !(await lanes.announce(held))) throw new Unavailable('Another run is announced.');
          held = undefined;
          await lanes.seal(run, list);
        },
      };
    },
  },
  'C4: a receipt on the list is counted directly': {
    inTransit: (lanes, _, actor) => ({
      listOf: async (run) => {
        const list = await lanes.listOf(run);
        return list && isOf(actor, 'consume') ? { ...list, positions: [] } : list;
      },
    }),
  },
  'C5: the run of a plain receipt that is found is not looked for': { leavesReadReceipts: true },
  'C6: a document does not say how far it is folded': {
    atRest: (lanes) => ({
      putDocument: (document, mark) => lanes.putDocument({ ...document, foldedTo: '' }, mark),
    }),
  },
  'C7: a run begins before the last one is folded': {
    inTransit: (lanes, _, actor) => ({
      lastRun: async (lane, position) => {
        const run = await lanes.lastRun(lane, position);
        return run && isOf(actor, 'fold') ? { ...run, state: 'folded' } : run;
      },
    }),
  },
  'C8: a run is folded from what is there': {
    atRest: (_, world) => ({
      listOf: async (run) => {
        const list = await world.store.listOf(run);
        return list && { ...list, positions: storedOf(world, run).filter(isPlain).map(placeOf) };
      },
    }),
  },
  'C9: the list holds receipts that are not plain': {
    atRest: (_, world) => ({
      seal: (run, list) => world.store.seal(run, { ...list, positions: storedOf(world, run).map(placeOf) }),
    }),
  },
  'C10: documents are put whatever their version': {
    atRest: (lanes) => ({
      putDocument: async (document, mark) => {
        const [current = document] = await atTheirVersion(lanes, [document]);
        return lanes.putDocument(current, mark);
      },
      commit: async (commit) =>
        lanes.commit({ ...commit, documents: await atTheirVersion(lanes, commit.documents) }),
    }),
  },
  'C11: a receipt that is counted directly stays plain': {
    atRest: (lanes) => ({
      commit: ({ changes, ...commit }: LaneCommit) =>
        lanes.commit({
          ...commit,
          changes: changes.map((change) =>
            change.from && isPlain(change.from) ? { ...change, to: change.from } : change,
          ),
        }),
    }),
  },
  'C12: a run begins later than the last one ends': {
    inTransit: (lanes) => ({
      announce: (run) => {
        const later = positionBefore(receivedAtOfPosition(run.to));
        const start = later > run.start && run.start !== beginning ? later : run.start;
        Object.assign(run, { start });
        return lanes.announce(run);
      },
    }),
  },
  'C13: receipts are listed without a consistent read': {
    inTransit: (lanes, world) => ({
      tail: async (lane, range) => {
        const page = await lanes.tail(lane, range);
        if (range.to === undefined) return page;
        return { ...page, receipts: page.receipts.filter((receipt) => !world.isRecent(receipt)) };
      },
    }),
  },
  'C14: a closed day is not marked with its document': {
    atRest: (lanes) => ({
      putDocument: (document) => lanes.putDocument(document),
      commit: (commit) => lanes.commit({ ...commit, marks: [] }),
    }),
  },
  'C15: who loses the race to a receipt does not look for its run': {
    inTransit: (lanes) => {
      let hasPut = false;
      return {
        putReceipts: (receipts) => {
          hasPut = true;
          return lanes.putReceipts(receipts);
        },
        commit: (commit) => {
          hasPut = true;
          return lanes.commit(commit);
        },
        receipts: async (places) =>
          (await lanes.receipts(places)).filter((receipt) => !hasPut || !isPlain(receipt)),
      };
    },
  },
  'K1: a run ends at a time, with its list cut': {
    inTransit: (lanes) => ({
      announce: (run) => {
        Object.assign(run, { to: positionAfter(receivedAtOfPosition(run.to)) });
        return lanes.announce(run);
      },
      seal: (run, list) => lanes.seal(run, { ...list, positions: list.positions.slice(0, 2) }),
    }),
  },
  'K2: the list that was read to choose the end is the list': {
    inTransit: (lanes) => {
      const seen: LaneReceipt[] = [];
      return {
        tail: async (lane, range) => {
          const page = await lanes.tail(lane, range);
          if (range.to === undefined) seen.push(...page.receipts.filter(isPlain));
          return page;
        },
        announce: async (run) => {
          const isFirst = await lanes.announce(run);
          const positions = seen.map(placeOf).filter((position) => covers(run, position));
          if (isFirst) await lanes.seal(run, { positions, expiresAtMs: Number.MAX_SAFE_INTEGER });
          return isFirst;
        },
      };
    },
  },
  'H1: the last run of a lane expires': {
    atRest: (lanes) => ({
      markFolded: async (run, expiresAtMs) => {
        await lanes.markFolded(run, expiresAtMs);
        await lanes.expire(run.lane, {
          start: run.start,
          expiresAtMs: receivedAtOfPosition(run.to),
        });
      },
    }),
  },
  'H2: runs expire before their receipts': {
    atRest: (lanes, { store }) => ({
      expire: async (lane, { start }) => {
        const run = await lanes.lastRun(lane, `${start}~`);
        for (const [name, each] of store.runs) if (each === run) store.runs.delete(name);
      },
    }),
  },
  'LN: late events are in the documents of live ones': {
    atRest: (lanes) => ({
      documents: (keys) => lanes.documents(keys.map(asLive)),
      documentsBetween: (lane, ...rest) => lanes.documentsBetween({ ...lane, late: false }, ...rest),
      putDocument: (document, mark) => lanes.putDocument({ ...document, key: asLive(document.key) }, mark),
      commit: ({ documents, ...commit }) =>
        lanes.commit({ ...commit, documents: documents.map((each) => ({ ...each, key: asLive(each.key) })) }),
    }),
  },
  'V1: a reader adds receipts up to where the document is folded': {
    read: async (deps, lane, bounds) => {
      const foldedTo = await foldedToOf(deps, lane);
      const documents = (await documentsOf(deps, lane, bounds)).map((each) => ({ ...each, foldedTo: '' }));
      return shown(bounds, foldedTo, documents, (await tailOf(deps, lane, foldedTo)).filter(isPlain));
    },
  },
  'V2: a reader reads the last run last': {
    read: async (deps, lane, bounds) => {
      const receipts = await tailOf(deps, lane, beginning);
      const documents = await documentsOf(deps, lane, bounds);
      return shown(bounds, await foldedToOf(deps, lane), documents, receipts.filter(isPlain));
    },
  },
  'V3: a reader adds receipts that are not plain': {
    read: async (deps, lane, bounds) => {
      const foldedTo = await foldedToOf(deps, lane);
      const documents = await documentsOf(deps, lane, bounds);
      return shown(bounds, foldedTo, documents, await tailOf(deps, lane, foldedTo));
    },
  },
  'V4: documents are read without a consistent read': {
    atRest: (lanes, world) => ({
      putDocument: async (document, mark) => {
        await noteBefore(lanes, world, [document]);
        return lanes.putDocument(document, mark);
      },
      commit: async (commit) => {
        await noteBefore(lanes, world, commit.documents);
        return lanes.commit(commit);
      },
    }),
    inTransit: (lanes, world) => ({
      documentsBetween: async (...range) =>
        (await lanes.documentsBetween(...range)).flatMap((document) => {
          const noted = before.get(world)?.get(documentName(document.key));
          const isStale = noted && world.scheduler.trace.length - noted.at < 10;
          return isStale ? (noted.document ?? []) : document;
        }),
    }),
  },
  'V5: a tail is read without a consistent read': {
    inTransit: (lanes, world, actor) => ({
      tail: async (lane, range) => {
        const page = await lanes.tail(lane, range);
        if (!isOf(actor, 'read')) return page;
        return { ...page, receipts: page.receipts.filter((receipt) => !world.isRecent(receipt)) };
      },
    }),
  },
  'V6: a reader reads documents after the tail': {
    read: async (deps, lane, bounds) => {
      const foldedTo = await foldedToOf(deps, lane);
      const receipts = (await tailOf(deps, lane, foldedTo)).filter(isPlain);
      return shown(bounds, foldedTo, await documentsOf(deps, lane, bounds), receipts);
    },
  },
};
