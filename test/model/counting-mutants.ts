// For each rule of counting, a world without it. In each the model must find a broken promise. The names are those of the
// randomized model that the design was attacked with.

import type { Lanes } from '../../domain/counting/port.ts';
import { isPlain, placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import { beginning, covers, type Run } from '../../domain/counting/runs.ts';
import { type DocumentKey, documentName, type VersionedDocument } from '../../domain/documents/documents.ts';
import {
  type Lane,
  laneKey,
  type Position,
  positionAfter,
  positionBefore,
  receivedAtOfPosition,
} from '../../domain/keys.ts';
import { nameOfPlace } from '../../domain/record/record-id.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { changing, isOf, type Mutant, ofLanes } from './mutant.ts';
import type { World } from './world.ts';

const storedOf = ({ stores }: World, run: Pick<Run, 'lane' | 'start' | 'to'>): Receipt[] =>
  [...stores.lanes.stored.values()]
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

async function wholeTail(lanes: Pick<Lanes, 'tail'>, lane: Lane, from: Position): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  let after: Position | undefined = from;
  while (after !== undefined) {
    const page = await lanes.tail(lane, { after });
    receipts.push(...page.receipts);
    after = page.next;
  }
  return receipts;
}

const asDirect = (receipt: Receipt): Receipt => ({ ...receipt, mode: 'direct' });
const asPlain = (receipt: Receipt): Receipt => ({ ...receipt, state: 'counted', mode: 'plain' });

/** Late events in the documents of live ones. */
const asLive = (key: DocumentKey): DocumentKey => ({ ...key, lane: { ...key.lane, late: false } });

export const countingMutants: Readonly<Record<string, Mutant>> = {
  'C1: a receipt is put without a condition': {
    atRest: ofLanes((lanes, { stores }) => ({
      putReceipts: async (receipts) => {
        const names = new Set(receipts.map(nameOfPlace));
        for (const [name, found] of stores.lanes.stored)
          if (names.has(nameOfPlace(found))) stores.lanes.stored.delete(name);
        return lanes.putReceipts(receipts);
      },
    })),
  },
  'C2: the run of a receipt that was put is not looked for': {
    inTransit: ofLanes((lanes, _, actor) => {
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
    }),
  },
  'C3: a run is announced after its receipts are listed': {
    inTransit: ofLanes((lanes, _, actor) => {
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
    }),
  },
  'C4: a receipt on the list is counted directly': {
    inTransit: ofLanes((lanes, _, actor) => ({
      listOf: async (run) => {
        const list = await lanes.listOf(run);
        return list && isOf(actor, 'consume') ? { ...list, positions: [] } : list;
      },
    })),
  },
  'C5: the run of a plain receipt that is found is not looked for': {
    inTransit: ofLanes((lanes, _, actor) => {
      let hasPut = false;
      return {
        putReceipts: (receipts) => {
          hasPut = true;
          return lanes.putReceipts(receipts);
        },
        receipts: async (places) => {
          const found = await lanes.receipts(places);
          return isOf(actor, 'consume') && !hasPut ? found.map(asDirect) : found;
        },
      };
    }),
  },
  'C6: a document does not say how far it is folded': {
    atRest: ofLanes((lanes) => ({
      putDocument: (document, mark) => lanes.putDocument({ ...document, foldedTo: '' }, mark),
    })),
  },
  'C7: a run begins before the last one is folded': {
    inTransit: ofLanes((lanes, _, actor) => ({
      lastRun: async (lane, position) => {
        const run = await lanes.lastRun(lane, position);
        return run && isOf(actor, 'fold') ? { ...run, state: 'folded' } : run;
      },
    })),
  },
  'C8: a run is folded from what is there': {
    atRest: ofLanes((lanes, world) => ({
      listOf: async (run) => {
        const list = await lanes.listOf(run);
        return list && { ...list, positions: storedOf(world, run).filter(isPlain).map(placeOf) };
      },
    })),
  },
  'C9: the list holds receipts that are not plain': {
    atRest: ofLanes((lanes, world) => ({
      seal: (run, list) => lanes.seal(run, { ...list, positions: storedOf(world, run).map(placeOf) }),
    })),
  },
  'C10: documents are put whatever their version': {
    atRest: ofLanes((lanes) => ({
      putDocument: async (document, mark) => {
        const [current = document] = await atTheirVersion(lanes, [document]);
        return lanes.putDocument(current, mark);
      },
      commit: async (commit) =>
        lanes.commit({ ...commit, documents: await atTheirVersion(lanes, commit.documents) }),
    })),
  },
  'C11: a receipt that is counted directly stays plain': {
    atRest: changing((change) =>
      change.from && isPlain(change.from) ? { ...change, to: change.from } : change,
    ),
  },
  'C12: a run begins later than the last one ends': {
    inTransit: ofLanes((lanes) => ({
      announce: (run) => {
        const later = positionBefore(receivedAtOfPosition(run.to));
        const start = later > run.start && run.start !== beginning ? later : run.start;
        Object.assign(run, { start });
        return lanes.announce(run);
      },
    })),
  },
  'C13: receipts are listed without a consistent read': {
    inTransit: ofLanes((lanes, world) => ({
      tail: async (lane, range) => {
        const page = await lanes.tail(lane, range);
        if (range.to === undefined) return page;
        return { ...page, receipts: page.receipts.filter((receipt) => !world.isRecent(receipt)) };
      },
    })),
  },
  'C14: a closed day is not marked with its document': {
    atRest: ofLanes((lanes) => ({
      putDocument: (document) => lanes.putDocument(document),
      commit: (commit) => lanes.commit({ ...commit, marks: [] }),
    })),
  },
  'C15: who loses the race to a receipt does not look for its run': {
    inTransit: ofLanes((lanes) => {
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
        receipts: async (places) => {
          const found = await lanes.receipts(places);
          if (!hasPut) return found;
          hasPut = false;
          return found.map(asDirect);
        },
      };
    }),
  },
  'K1: a run ends at a time, with its list cut': {
    inTransit: ofLanes((lanes) => ({
      announce: (run) => {
        Object.assign(run, { to: positionAfter(receivedAtOfPosition(run.to)) });
        return lanes.announce(run);
      },
      seal: (run, list) => lanes.seal(run, { ...list, positions: list.positions.slice(0, 2) }),
    })),
  },
  'K2: the list that was read to choose the end is the list': {
    inTransit: ofLanes((lanes) => {
      const seen: Receipt[] = [];
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
    }),
  },
  'H1: the last run of a lane expires': {
    atRest: ofLanes((lanes) => ({
      markFolded: async (run, expiresAtMs) => {
        await lanes.markFolded(run, expiresAtMs);
        await lanes.expire(run.lane, {
          start: run.start,
          expiresAtMs: receivedAtOfPosition(run.to),
        });
      },
    })),
  },
  'H2: runs expire before their receipts': {
    atRest: ofLanes((lanes, { stores: { lanes: store } }) => ({
      expire: async (lane, { start }) => {
        const run = await lanes.lastRun(lane, `${start}~`);
        for (const [name, each] of store.runs) if (each === run) store.runs.delete(name);
      },
    })),
  },
  'LN: late events are in the documents of live ones': {
    atRest: ofLanes((lanes) => ({
      documents: (keys) => lanes.documents(keys.map(asLive)),
      documentsBetween: (lane, ...rest) => lanes.documentsBetween({ ...lane, late: false }, ...rest),
      putDocument: (document, mark) => lanes.putDocument({ ...document, key: asLive(document.key) }, mark),
      commit: ({ documents, ...commit }) =>
        lanes.commit({ ...commit, documents: documents.map((each) => ({ ...each, key: asLive(each.key) })) }),
    })),
  },
  'V1: a reader adds receipts up to where the document is folded': {
    inTransit: ofLanes((lanes, _, actor) => ({
      documentsBetween: async (...range) => {
        const page = await lanes.documentsBetween(...range);
        if (!isOf(actor, 'read')) return page;
        return { ...page, documents: page.documents.map((each) => ({ ...each, foldedTo: beginning })) };
      },
    })),
  },
  'V2: a reader reads the last run last': {
    inTransit: ofLanes((lanes, _, actor) =>
      isOf(actor, 'read')
        ? {
            lastFoldedRun: async () => undefined,
            tail: async (lane) => {
              const receipts = await wholeTail(lanes, lane, beginning);
              const to = (await lanes.lastFoldedRun(lane))?.to ?? beginning;
              return { receipts: receipts.filter((receipt) => placeOf(receipt) > to) };
            },
          }
        : {},
    ),
  },
  'V3: a reader adds receipts that are not plain': {
    inTransit: ofLanes((lanes, _, actor) => ({
      tail: async (lane, range) => {
        const page = await lanes.tail(lane, range);
        return isOf(actor, 'read') ? { ...page, receipts: page.receipts.map(asPlain) } : page;
      },
    })),
  },
  'V4: documents are read without a consistent read': {
    atRest: ofLanes((lanes, world) => ({
      putDocument: async (document, mark) => {
        await noteBefore(lanes, world, [document]);
        return lanes.putDocument(document, mark);
      },
      commit: async (commit) => {
        await noteBefore(lanes, world, commit.documents);
        return lanes.commit(commit);
      },
    })),
    inTransit: ofLanes((lanes, world) => ({
      documentsBetween: async (...range) => {
        const page = await lanes.documentsBetween(...range);
        const documents = page.documents.flatMap((document) => {
          const noted = before.get(world)?.get(documentName(document.key));
          const isStale = noted && world.scheduler.trace.length - noted.at < 10;
          return isStale ? (noted.document ?? []) : document;
        });
        return { ...page, documents };
      },
    })),
  },
  'V5: a tail is read without a consistent read': {
    inTransit: ofLanes((lanes, world, actor) => ({
      tail: async (lane, range) => {
        const page = await lanes.tail(lane, range);
        if (!isOf(actor, 'read')) return page;
        return { ...page, receipts: page.receipts.filter((receipt) => !world.isRecent(receipt)) };
      },
    })),
  },
  'V6: a reader reads documents after the tail': {
    inTransit: ofLanes((lanes, _, actor) => {
      const foldedTo = new Map<string, Position>();
      const tails = new Map<string, Promise<Receipt[]>>();
      const tailOf = (lane: Lane) => {
        const name = laneKey(lane);
        const tail = tails.get(name) ?? wholeTail(lanes, lane, foldedTo.get(name) ?? beginning);
        tails.set(name, tail);
        return tail;
      };
      if (!isOf(actor, 'read')) return {};
      return {
        lastFoldedRun: async (lane) => {
          const run = await lanes.lastFoldedRun(lane);
          if (run) foldedTo.set(laneKey(lane), run.to);
          return run;
        },
        documentsBetween: async (lane, ...range) => {
          await tailOf(lane);
          return lanes.documentsBetween(lane, ...range);
        },
        tail: async (lane) => ({ receipts: await tailOf(lane) }),
      };
    }),
  },
};
