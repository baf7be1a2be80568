// For each rule, a world without it. In each the model must find a broken promise.

import { guardMs } from '../../domain/storing/record-outcome.ts';
import { hourMs } from '../../domain/system/time.ts';
import { claiming, committing, countsOf, type Mutant, unconditional, writing } from './mutant.ts';

export const mutants: Readonly<Record<string, Mutant>> = {
  'R1: a record that is put twice gets two ids': { renamesCopies: true },
  'R3: receipts are not read before anything else is touched': {
    inTransit: (ports, _, actor) => ({
      ...ports,
      counts: countsOf(ports.counts, {
        ...(actor.name.includes(':consume') && { receipts: async () => [] }),
      }),
    }),
  },
  'R4: a claim changes its owner before its time': {
    atRest: claiming(({ identities }, { stores }) => async (claims) => {
      for (const { key, record } of claims)
        if (stores.identities.held.get(key)?.record !== record) stores.identities.held.delete(key);
      return identities.claim(claims);
    }),
  },
  'R4: a claim is judged by the time of the try, not of the receipt': {
    atRest: claiming(({ identities }, { stores, clock }) => async (claims) => {
      for (const { key } of claims)
        if ((stores.identities.held.get(key)?.untilMs ?? 0) < clock.nowMs) stores.identities.held.delete(key);
      return identities.claim(claims);
    }),
  },
  'R4: a claim never changes its owner': {
    atRest: claiming(
      ({ identities }) =>
        (claims) =>
          identities.claim(claims.map((claim) => ({ ...claim, receivedAtMs: 0 }))),
    ),
  },
  'R5: the keys of pages depend on which events are new': {
    inTransit: (ports) =>
      writing(ports, ({ sk, events }) => `${sk}#${events.map(({ event_id }) => event_id)}`),
  },
  'R5: the keys of pages depend on the version of the code': {
    inTransit: (ports, world, actor) => {
      const version = Number.parseInt(actor.name, 10) % 2;
      const rekeyed = claiming(
        ({ identities }) =>
          (claims) =>
            identities.claim(claims.map((claim) => ({ ...claim, page: `${claim.page}#${version}` }))),
      );
      return rekeyed(
        writing(ports, ({ sk }) => `${sk}#${version}`),
        world,
        actor,
      );
    },
  },
  'R6: a receipt expires before the identities': {
    atRest: committing(({ changes, ...commit }) => ({
      ...commit,
      changes: changes.map((change) => ({
        ...change,
        to: { ...change.to, expiresAtMs: change.to.receivedAtMs + hourMs },
      })),
    })),
  },
  'R6: a receipt is filtered on read once its events have expired': {
    inTransit: (ports, { clock }) => ({
      ...ports,
      counts: countsOf(ports.counts, {
        receipts: async (records) =>
          (await ports.counts.receipts(records)).filter(
            ({ expiresAtMs }) => expiresAtMs - guardMs > clock.nowMs,
          ),
      }),
    }),
  },
  'S1: a made id that is sent back is not recognised': {
    inTransit: (ports) => ({ ...ports, platformKeys: { find: async () => undefined } }),
  },
  'S2: a discard does not free the ids that its record made': {
    atRest: committing(({ changes, ...commit }) => ({
      ...commit,
      changes: changes.map(({ to: { freedAtMs: _, ...to }, ...change }) => ({ ...change, to })),
    })),
  },
  'the receipt is put without a condition': {
    atRest: committing(({ changes, ...commit }, world) => ({
      ...commit,
      changes: changes.map((change) => unconditional(change, world)),
    })),
  },
  'a document is written without a condition on its version': {
    atRest: committing(async ({ documents, ...commit }, { stores }) => {
      const found = await stores.counts.documents(documents.map(({ key }) => key));
      const versions = new Map(found.map(({ key, version }) => [JSON.stringify(key), version]));
      return {
        ...commit,
        documents: documents.map((each) => ({
          ...each,
          version: versions.get(JSON.stringify(each.key)) ?? 0,
        })),
      };
    }),
  },
  'the payload is put after the receipt': {
    inTransit: (ports) => {
      const puts: (() => Promise<void>)[] = [];
      return {
        ...ports,
        failedRecords: {
          ...ports.failedRecords,
          put: async (name, data) => {
            puts.push(() => ports.failedRecords.put(name, data));
          },
        },
        counts: countsOf(ports.counts, {
          commit: async (commit) => {
            const result = await ports.counts.commit(commit);
            for (const put of puts.splice(0)) await put();
            return result;
          },
        }),
      };
    },
  },
  'a discard does not wait': {
    atRest: committing(({ changes, ...commit }, { clock }) => ({
      ...commit,
      changes: changes.map((change) =>
        change.job?.kind === 'discard' ? { ...change, job: { ...change.job, dueAtMs: clock.nowMs } } : change,
      ),
    })),
  },
  'a discard leaves the claims': {
    atRest: (ports) => ({
      ...ports,
      identities: { claim: (claims) => ports.identities.claim(claims), release: async () => {} },
    }),
  },
  'a record is quarantined although it has a receipt': {
    atRest: committing(({ changes, ...commit }, world) => ({
      ...commit,
      changes: changes.map((change) =>
        change.to.state === 'quarantined' ? unconditional(change, world) : change,
      ),
    })),
    inTransit: (ports) => ({
      ...ports,
      counts: countsOf(ports.counts, {
        receipts: async (records) => (records.length > 1 ? ports.counts.receipts(records) : []),
      }),
    }),
  },
  'an event of the record itself counts as a duplicate': {
    inTransit: claiming(({ identities }) => async (claims) => {
      const results = await identities.claim(claims);
      return results.map((result) =>
        result.outcome === 'held' ? { ...result, by: { ...result.by, record: 'another.0' } } : result,
      );
    }),
  },
};
