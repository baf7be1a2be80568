// The ports of one actor: each call is one step of the scheduler. A call about many items is several steps, because the
// tables take a few items a call.

import { splitIdentityKey } from '../../domain/keys.ts';
import { type RecordName, recordName } from '../../domain/record/record-id.ts';
import type { PageKey } from '../../domain/storing/pages.ts';
import type { ClaimResult } from '../../domain/storing/port.ts';
import { gatedClaimLogs } from './claim-logs.ts';
import { gatedLanes, halves, orUndecided } from './gated-lanes.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { Ports } from './stores.ts';

const idOf = (key: string): string => splitIdentityKey(key).eventId;
const idsOf = (claims: readonly { readonly key: string }[]): string =>
  claims.map(({ key }) => idOf(key)).join(' ');
const shortKey = ({ pk, sk }: { readonly pk: string; readonly sk: string }): string => `${pk}#${sk}`;

export function gatedPorts(
  scheduler: Scheduler,
  actor: Actor,
  stores: Ports,
  isDeadly: (record: RecordName) => boolean,
): Ports {
  const call = <T>(label: string, effect: () => Promise<T>, deadly?: () => boolean): Promise<T> =>
    scheduler.call(actor, label, effect, deadly);
  const { identities, claimLogs, pages, lanes, quarantine, failedRecords, platformKeys } = stores;
  return {
    platformKeys,
    identities: {
      claim: async (claims) => {
        const results: ClaimResult[] = [];
        for (const some of halves(claims)) {
          const label = `claim ${idsOf(some)} for ${some[0]?.record}`;
          const undecided = { outcome: 'undecided' } as const;
          results.push(
            ...(await orUndecided(some, undecided, () => call(label, () => identities.claim(some)))),
          );
        }
        return results;
      },
      find: (key) => call(`find ${idOf(key)}`, () => identities.find(key)),
      release: async (claims, untilMs) => {
        for (const some of halves(claims))
          await call(`release ${idsOf(some)}`, () => identities.release(some, untilMs));
      },
    },
    claimLogs: gatedClaimLogs(scheduler, actor, claimLogs),
    pages: {
      write: async (written) => {
        const missing: PageKey[] = [];
        for (const page of written) {
          const ids = page.events.map(({ event_id }) => event_id).join(' ');
          const record = recordOfPage(page);
          const write = () =>
            call(
              `write page ${shortKey(page)} (${ids})`,
              () => pages.write([page]),
              () => isDeadly(record),
            );
          missing.push(...(await orUndecided([page], page, write)));
        }
        return missing;
      },
      remove: async (keys) => {
        for (const key of keys) await call(`remove page ${shortKey(key)}`, () => pages.remove([key]));
      },
    },
    lanes: gatedLanes(scheduler, actor, lanes),
    quarantine: {
      list: () => notUsed(),
      newest: () => notUsed(),
      find: (place) => call(`find the entry of ${place.record}`, () => quarantine.find(place)),
      lease: (entry, nowMs, untilMs) =>
        call(`lease ${entry.record}`, () => quarantine.lease(entry, nowMs, untilMs)),
      release: (entry) => call(`release the lease of ${entry.record}`, () => quarantine.release(entry)),
      jobs: async function* (nowMs) {
        yield* await call('read jobs', () => Array.fromAsync(quarantine.jobs(nowMs)));
      },
      schedule: (job) => call(`schedule the ${job.kind} of ${job.record}`, () => quarantine.schedule(job)),
      reschedule: (job, next) =>
        call(`reschedule the ${job.kind} of ${job.record}`, () => quarantine.reschedule(job, next)),
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
