// For each rule of storing, a world without it. In each the model must find a broken promise.

import { guardMs, type Receipt } from '../../domain/counting/receipt.ts';
import { payloadName } from '../../domain/keys.ts';
import type { Job } from '../../domain/quarantine/quarantine.ts';
import { hourMs } from '../../domain/system/time.ts';
import { changing, claiming, isOf, type Mutant, ofLanes, unconditional, writing } from './mutant.ts';

const expiringSoon = (receipt: Receipt): Receipt => ({
  ...receipt,
  expiresAtMs: receipt.receivedAtMs + hourMs,
});

const withoutVoid = ({ wasVoid: _, ...receipt }: Receipt): Receipt => receipt;

export const storingMutants: Readonly<Record<string, Mutant>> = {
  'R1: a record that is put twice gets two ids': { renamesCopies: true },
  'R3: receipts are not read before anything else is touched': {
    inTransit: ofLanes((lanes, _, actor) => {
      // Who has lost the race to a receipt reads it.
      let hasLost = false;
      return {
        putReceipts: async (receipts) => {
          const results = await lanes.putReceipts(receipts);
          hasLost ||= results.includes('exists');
          return results;
        },
        commit: async (commit) => {
          const result = await lanes.commit(commit);
          hasLost ||= result.outcome === 'lost';
          return result;
        },
        receipts: async (places) => {
          if (isOf(actor, 'consume') && !hasLost) return [];
          hasLost = false;
          return lanes.receipts(places);
        },
      };
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
      );
    },
  },
  'R6: a receipt expires before the identities': {
    atRest: ofLanes((lanes) => ({
      putReceipts: (receipts) => lanes.putReceipts(receipts.map(expiringSoon)),
      commit: ({ changes, ...commit }) =>
        lanes.commit({
          ...commit,
          changes: changes.map((change) => ({ ...change, to: expiringSoon(change.to) })),
        }),
    })),
  },
  'R6: a receipt is filtered on read once its events have expired': {
    inTransit: ofLanes((lanes, { clock }) => ({
      receipts: async (places) =>
        (await lanes.receipts(places)).filter(({ expiresAtMs }) => expiresAtMs - guardMs > clock.nowMs),
    })),
  },
  'S1: a made id that is sent back is not recognised': {
    inTransit: (ports) => ({ ...ports, platformKeys: { find: async () => undefined } }),
  },
  'S2: a discard does not free the ids that its record made': {
    atRest: changing(({ to: { freedAtMs: _, ...to }, ...change }) => ({ ...change, to })),
  },
  'S7: a record whose place was void keeps the ids that it made': {
    inTransit: ofLanes((lanes) => ({
      receipts: async (places) =>
        (await lanes.receipts(places)).map((receipt) =>
          receipt.state === 'void' ? withoutVoid(receipt) : receipt,
        ),
    })),
  },
  'the receipt is put without a condition': {
    atRest: changing(unconditional),
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
        lanes: {
          ...ports.lanes,
          commit: async (commit) => {
            const result = await ports.lanes.commit(commit);
            for (const put of puts.splice(0)) await put();
            return result;
          },
        },
      };
    },
  },
  'a discard does not wait': {
    atRest: changing((change, { clock }) =>
      change.job?.kind === 'discard' ? { ...change, job: { ...change.job, dueAtMs: clock.nowMs } } : change,
    ),
  },
  'a payload is stored before the job that removes it': {
    inTransit: (ports) => {
      const { quarantine, failedRecords } = ports;
      const held = new Map<string, Job>();
      return {
        ...ports,
        quarantine: {
          ...quarantine,
          schedule: async (job) => {
            held.set(payloadName(job.lane.tenant, job.record), job);
          },
        },
        failedRecords: {
          ...failedRecords,
          put: async (name, data) => {
            await failedRecords.put(name, data);
            const job = held.get(name);
            if (job) await quarantine.schedule(job);
          },
        },
      };
    },
  },
  'a discard leaves the claims': {
    atRest: (ports) => ({
      ...ports,
      identities: { ...ports.identities, release: async () => {} },
    }),
  },
  'a record is quarantined although it has a receipt': {
    atRest: changing((change, world) =>
      change.to.state === 'quarantined' ? unconditional(change, world) : change,
    ),
    inTransit: ofLanes((_, __, actor) => (isOf(actor, 'settle') ? { receipts: async () => [] } : {})),
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
