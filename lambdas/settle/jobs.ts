// Runs scheduled jobs: the automatic replay of a record that was quarantined after an outage, and the second half of a
// discard. A job that fails is rescheduled and does not block others. A replay is retried a bounded number of times.

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
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { type DiscardDeps, finishDiscard } from './discard-record.ts';
import { type ReplayDeps, replayEntry } from './replay-record.ts';

export type JobDeps = ReplayDeps &
  DiscardDeps & {
    readonly quarantine: Pick<Quarantine, 'find' | 'lease' | 'release' | 'reschedule'>;
    readonly meter: Pick<Meter, 'count' | 'publish'>;
  };

type RunJob = (deps: JobDeps, job: Job) => Promise<void>;

const byKind: Readonly<Record<Job['kind'], RunJob>> = {
  replay: async (deps, job) => deps.quarantine.reschedule(job, await runReplay(deps, job)),
  discard: runDiscard,
};

export const runJob: RunJob = (deps, job) => byKind[job.kind](deps, job);

/** Returns when the job is due again, or undefined if it is done. */
async function runReplay(deps: JobDeps, job: Job): Promise<number | undefined> {
  const entry = await deps.quarantine.find(job);
  if (!entry) return undefined;
  // Another replay holds the lease and may be about to succeed.
  if (entry.leaseUntilMs > deps.clock.now()) return deps.clock.now() + replayLeaseMs;
  // Attempts are counted when they start: a record that crashes the function each time runs out of attempts too.
  const isExhausted = nextReplayAfterMs(entry.attempts) === undefined;
  const outcome = isExhausted ? 'failed' : await outcomeOf(deps, entry);
  const waitMs = isExhausted ? undefined : waitMsAfter[outcome](entry.attempts + 1);
  if (waitMs !== undefined) return deps.clock.now() + waitMs;
  if (staysQuarantined.has(outcome)) logAbandoned(deps, entry, outcome);
  return undefined;
}

/** From now on the record waits for an operator. The metric raises the alarm that pages one. */
function logAbandoned({ meter, logger }: JobDeps, { lane, record }: QuarantineEntry, outcome: Outcome): void {
  meter.count(metricNames.abandonedRecords, 1);
  // Published now: the job is about to be removed, and a later crash of the function would lose the metric for good.
  meter.publish();
  logger.error('a record is no longer replayed automatically', { ...lane.tenant, record, outcome });
}

async function outcomeOf(deps: JobDeps, entry: QuarantineEntry): Promise<Outcome> {
  try {
    return (await replayEntry(deps, entry)).outcome;
  } catch (error) {
    deps.logger.warn('a dependency is unavailable; the record is not replayed', {
      ...entry.lane.tenant,
      record: entry.record,
      ...errorFields(error),
    });
    return 'unavailable';
  }
}

type Outcome = SettleAnswer['outcome'];

const staysQuarantined: ReadonlySet<Outcome> = new Set([
  'payload_gone',
  'undecodable',
  'newer_version',
  'failed',
  'unavailable',
]);

const never = () => undefined;
const waitMsAfter: Readonly<Record<Outcome, (attempts: number) => number | undefined>> = {
  stored: never,
  discarded: never,
  not_in_quarantine: never,
  payload_gone: never,
  undecodable: nextReplayAfterMs,
  newer_version: nextReplayAfterMs,
  failed: nextReplayAfterMs,
  unavailable: nextReplayAfterMs,
  // By then the replay that holds the lease has ended.
  busy: () => replayLeaseMs,
};

/** Rescheduled before it starts: if it crashes the function, the next sweep runs the jobs behind it first. */
async function runDiscard(deps: JobDeps, job: Job): Promise<void> {
  const dueAtMs = deps.clock.now() + jobRetryAfterMs;
  await deps.quarantine.reschedule(job, dueAtMs);
  await finishDiscard(deps, job);
  await deps.quarantine.reschedule({ ...job, dueAtMs }, undefined);
}
