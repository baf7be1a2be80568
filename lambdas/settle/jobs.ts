// Runs scheduled jobs: the automatic replay of a record that was quarantined after an outage, the second half of a
// discard, and the removal of a payload when its time is over. A job is moved before it runs, so that one which ends the
// function says so, and does not block others.

import { payloadName } from '../../domain/keys.ts';
import type { Quarantine } from '../../domain/quarantine/port.ts';
import {
  type Job,
  nextReplayAfterMs,
  type QuarantineEntry,
  replayLeaseMs,
  type SettleAnswer,
  unavailableRetryAfterMs,
} from '../../domain/quarantine/quarantine.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { type DiscardDeps, finishDiscard } from './discard-record.ts';
import { type ReplayDeps, replayEntry } from './replay-record.ts';

export type JobDeps = ReplayDeps &
  DiscardDeps & {
    readonly quarantine: Pick<Quarantine, 'find' | 'lease' | 'release' | 'reschedule'>;
    readonly meter: Pick<Meter, 'count' | 'publish'>;
  };

/** unavailable: a dependency is, so that other jobs of the account would fail too. */
export type JobResult = 'done' | 'unavailable';

type Ran = { readonly result: JobResult; readonly next: Job | undefined };
const done: Ran = { result: 'done', next: undefined };

const byKind: Readonly<Record<Job['kind'], (deps: JobDeps, job: Job) => Promise<Ran>>> = {
  replay,
  discard: async (deps, job) => {
    await finishDiscard(deps, job);
    return done;
  },
  expire: async ({ failedRecords }, { lane, record }) => {
    await failedRecords.remove(payloadName(lane.tenant, record));
    return done;
  },
};

/** Rejects if the job fails, which is due again later. */
export async function runJob(deps: JobDeps, job: Job): Promise<JobResult> {
  const dueAtMs = deps.clock.now() + replayLeaseMs;
  const begun: Job = { ...job, dueAtMs, tries: job.tries + 1, isUnfinished: true };
  // Another invocation has it.
  if (!(await deps.quarantine.reschedule(job, begun))) return 'done';
  let next: Job | undefined = { ...begun, isUnfinished: false };
  try {
    const ran = await byKind[job.kind](deps, begun);
    next = ran.next;
    return ran.result;
  } finally {
    await deps.quarantine.reschedule(begun, next);
  }
}

async function replay(deps: JobDeps, job: Job): Promise<Ran> {
  const entry = await deps.quarantine.find(job);
  if (!entry) return done;
  // Another replay holds the lease and may be about to succeed.
  if (entry.leaseUntilMs > deps.clock.now()) return { result: 'done', next: again(deps, job, replayLeaseMs) };
  const isUsedUp = nextReplayAfterMs(job.tries - 1) === undefined;
  const outcome = isUsedUp ? 'failed' : await outcomeOf(deps, entry);
  if (outcome === 'busy') return { result: 'done', next: again(deps, job, replayLeaseMs) };
  // An outage says nothing of the record: it may last for as long as it likes.
  if (outcome === 'unavailable')
    return { result: 'unavailable', next: again(deps, job, unavailableRetryAfterMs) };
  const waitMs = staysQuarantined.has(outcome) ? nextReplayAfterMs(job.tries) : undefined;
  if (waitMs !== undefined && outcome !== 'payload_gone')
    return { result: 'done', next: { ...job, dueAtMs: deps.clock.now() + waitMs, isUnfinished: false } };
  if (staysQuarantined.has(outcome)) logAbandoned(deps, entry, outcome);
  return done;
}

/** Without a try less. */
const again = ({ clock }: JobDeps, job: Job, waitMs: number): Job => ({
  ...job,
  dueAtMs: clock.now() + waitMs,
  tries: job.tries - 1,
  isUnfinished: false,
});

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
    if (!(error instanceof Unavailable)) throw error;
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
]);
