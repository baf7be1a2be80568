// The ports of one actor: each call is one step of the scheduler. A call about many items is several steps, because the
// tables take a few items a call.

import { type RecordName, recordName } from '../../domain/record/record-id.ts';
import { inChunks } from '../../domain/system/bounded.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { Ports } from './stores.ts';

const idOf = (key: string): string => key.split('#')[2] ?? '';
const idsOf = (claims: readonly { readonly key: string }[]): string =>
  claims.map(({ key }) => idOf(key)).join(' ');
const shortKey = ({ pk, sk }: { readonly pk: string; readonly sk: string }): string => `${pk}#${sk}`;

const halves = <T>(items: readonly T[]): T[][] => [
  ...inChunks(items, Math.max(1, Math.ceil(items.length / 2))),
];

export function gatedPorts(
  scheduler: Scheduler,
  actor: Actor,
  stores: Ports,
  isDeadly: (record: RecordName) => boolean,
): Ports {
  const call = <T>(label: string, effect: () => Promise<T>, deadly?: () => boolean): Promise<T> =>
    scheduler.call(actor, label, effect, deadly);
  const { identities, pages, counts, quarantine, failedRecords, platformKeys } = stores;
  return {
    platformKeys,
    identities: {
      claim: async (claims) => {
        const results = [];
        for (const some of halves(claims)) {
          const label = `claim ${idsOf(some)} for ${some[0]?.record}`;
          results.push(...(await call(label, () => identities.claim(some))));
        }
        return results;
      },
      release: async (claims, untilMs) => {
        for (const some of halves(claims))
          await call(`release ${idsOf(some)}`, () => identities.release(some, untilMs));
      },
    },
    pages: {
      write: async (written) => {
        for (const page of written) {
          const ids = page.events.map(({ event_id }) => event_id).join(' ');
          const record = recordOfPage(page);
          await call(
            `write page ${shortKey(page)} (${ids})`,
            () => pages.write([page]),
            () => isDeadly(record),
          );
        }
      },
      remove: async (keys) => {
        for (const key of keys) await call(`remove page ${shortKey(key)}`, () => pages.remove([key]));
      },
    },
    counts: {
      receipts: (records) =>
        call(`read receipts of ${records.map(({ record }) => record).join(' ')}`, () =>
          counts.receipts(records),
        ),
      documents: (keys) => call(`read ${keys.length} documents`, () => counts.documents(keys)),
      commit: (commit) =>
        call(`commit ${commit.changes.map(({ to }) => `${to.record} ${to.state}`).join(', ')}`, () =>
          counts.commit(commit),
        ),
    },
    quarantine: {
      list: () => notUsed(),
      newest: () => notUsed(),
      find: (tenant, record, receivedAtMs) =>
        call(`find the entry of ${record}`, () => quarantine.find(tenant, record, receivedAtMs)),
      lease: (entry, nowMs, untilMs) =>
        call(`lease ${entry.record}`, () => quarantine.lease(entry, nowMs, untilMs)),
      release: (entry) => call(`release the lease of ${entry.record}`, () => quarantine.release(entry)),
      jobs: (nowMs, most) => call('read jobs', () => quarantine.jobs(nowMs, most)),
      reschedule: (job, dueAtMs) =>
        call(`reschedule the ${job.kind} of ${job.record}`, () => quarantine.reschedule(job, dueAtMs)),
    },
    failedRecords: {
      put: (name, data) => call(`put ${name}`, () => failedRecords.put(name, data)),
      get: (name) => call(`get ${name}`, () => failedRecords.get(name)),
      remove: (name) => call(`remove ${name}`, () => failedRecords.remove(name)),
      list: async function* (prefix) {
        yield* await call(`list ${prefix}`, () => Array.fromAsync(failedRecords.list(prefix)));
      },
    },
  };
}

export function recordOfPage({ pk, sk }: { readonly pk: string; readonly sk: string }): RecordName {
  const [account = '', environment = ''] = pk.split('#');
  return recordName(
    { account, environment, generation: 0 },
    (sk.split('#')[2] ?? '') as `${string}.${number}`,
  );
}

function notUsed(): never {
  throw new Error('No actor of the model lists the quarantine.');
}
