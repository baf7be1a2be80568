// What was put off: replays of what an outage parked, and the second half of a discard. A job that fails is put off
// again, so that it keeps no other from being done; a replay only a bounded number of times.

import type { Quarantine } from '../../domain/quarantine/port.ts';
import {
  type Job,
  jobRetryAfterMs,
  nextReplayAfterMs,
  type QuarantineEntry,
  replayLeaseMs,
  type SettleAnswer,
} from '../../domain/quarantine/quarantine.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { type DiscardDeps, finishDiscard } from './discard-record.ts';
import { type ReplayDeps, replayEntry } from './replay-record.ts';

export type JobDeps = ReplayDeps &
  DiscardDeps & {
    readonly quarantine: Pick<Quarantine, 'find' | 'lease' | 'release' | 'reschedule'>;
    readonly meter: Pick<Meter, 'count' | 'publish'>;
  };

type Doing = (deps: JobDeps, job: Job) => Promise<void>;

const runs: Readonly<Record<Job['kind'], Doing>> = {
  replay: async (deps, job) => deps.quarantine.reschedule(job, await replayByItself(deps, job)),
  discard: finishByItself,
};

export const runJob: Doing = (deps, job) => runs[job.kind](deps, job);

/** When it is to be done again; undefined: never. */
async function replayByItself(
  deps: JobDeps,
  { tenant, record, receivedAtMs }: Job,
): Promise<number | undefined> {
  const entry = await deps.quarantine.find(tenant, record, receivedAtMs);
  if (!entry) return undefined;
  // Whoever is at it may be about to succeed.
  if (entry.leaseUntilMs > deps.clock.now()) return deps.clock.now() + replayLeaseMs;
  // Whoever died at it has counted as an attempt too: one that ends the function each time comes to an end.
  const isSpent = nextReplayAfterMs(entry.attempts) === undefined;
  const outcome = isSpent ? 'failed' : await outcomeOf(deps, entry);
  const waitMs = isSpent ? undefined : waits[outcome](entry.attempts + 1);
  if (waitMs !== undefined) return deps.clock.now() + waitMs;
  if (stays.has(outcome)) abandon(deps, entry, outcome);
  return undefined;
}

/** From here on it waits for an operator, who has to hear of it: it was set aside hours ago. */
function abandon({ meter, logger }: JobDeps, { tenant, record }: QuarantineEntry, outcome: Outcome): void {
  meter.count(metricNames.abandonedRecords, 1);
  // At once: the job is about to go, and what ends the function after this would take the page along.
  meter.publish();
  logger.error('a record is replayed by itself no more', { ...tenant, record, outcome });
}

async function outcomeOf(deps: JobDeps, entry: QuarantineEntry): Promise<Outcome> {
  try {
    return (await replayEntry(deps, entry)).outcome;
  } catch (error) {
    deps.logger.warn('a record is not replayed', { ...entry.tenant, record: entry.record, error });
    return 'unavailable';
  }
}

type Outcome = SettleAnswer['outcome'];

const stays: ReadonlySet<Outcome> = new Set(['payload_gone', 'undecodable', 'failed', 'unavailable']);

const never = () => undefined;
const waits: Readonly<Record<Outcome, (attempts: number) => number | undefined>> = {
  stored: never,
  discarded: never,
  not_in_quarantine: never,
  payload_gone: never,
  undecodable: nextReplayAfterMs,
  failed: nextReplayAfterMs,
  unavailable: nextReplayAfterMs,
  // Whoever is at it is done by then, or gone.
  busy: () => replayLeaseMs,
};

/** Put off before it is begun: were it to end the function, the jobs behind it would never get their turn. */
async function finishByItself(deps: JobDeps, job: Job): Promise<void> {
  const dueAtMs = deps.clock.now() + jobRetryAfterMs;
  await deps.quarantine.reschedule(job, dueAtMs);
  await finishDiscard(deps, job);
  await deps.quarantine.reschedule({ ...job, dueAtMs }, undefined);
}
