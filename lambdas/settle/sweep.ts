// Runs every few minutes: settles dead letters of consume, and those of Lambda whose notification was lost or whose
// settling failed, and runs the scheduled jobs that are due, a bounded number at once and fair over accounts. A failure does not block the rest. What
// there is no time for waits for the next sweep.

import type { Logger } from '@aws-lambda-powertools/logger';
import { accountOfDeadLetter, deadLetterPrefix, lambdaPrefix } from '../../domain/keys.ts';
import type { FailedRecords, Quarantine } from '../../domain/quarantine/port.ts';
import type { Job } from '../../domain/quarantine/quarantine.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { minuteMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { errorFields } from '../runtime/error-fields.ts';
import { inFairTurns, type Turns } from './in-fair-turns.ts';
import { type JobDeps, runJob } from './jobs.ts';
import { type SettleObjectDeps, settleObject } from './settle-object.ts';

export type SweepDeps = SettleObjectDeps &
  JobDeps & {
    readonly quarantine: Pick<Quarantine, 'jobs'>;
    readonly failedRecords: Pick<FailedRecords, 'list'>;
    readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  };

/** What there was no time for is counted in neither. */
export type SweepResult = { readonly objects: Tally; readonly jobs: Tally };
type Tally = { done: number; failed: number };

/** A younger dead letter of Lambda may still be settled by its notification. */
const notificationMayTakeMs = 10 * minuteMs;
/**
 * With less time left nothing is begun. The last minute is for the calls in flight and their retries. None of the three
 * takes all the time, so that a backlog of one does not stop the others.
 */
const reserveMs = { objects: 3 * minuteMs, jobs: 2 * minuteMs, alone: minuteMs } as const;
const objectsAtOnce = 4;
/** So that an account which the tables refuse, and whose letters take long, leaves time to others. */
const objectsAtOnceOfAccount = 2;
const jobsAtOnce = 16;
/** As many replays find a dependency unavailable before the rest of the account is left for the next sweep. */
const jobsAtOnceOfAccount = 4;

export async function sweep(deps: SweepDeps, remainingMs: () => number): Promise<SweepResult> {
  const hasTime = (kind: keyof typeof reserveMs) => () => remainingMs() > reserveMs[kind];
  const objects = await sweepObjects(deps, hasTime('objects'));
  const jobs: Tally = { done: 0, failed: 0 };
  const alone: Job[] = [];
  const together = { atOnce: jobsAtOnce, atOnceOfOwner: jobsAtOnceOfAccount, goesOn: hasTime('jobs') };
  await runJobs(deps, withoutUnfinished(deps, alone), jobs, together);
  // What has not ended may have ended the function: side by side it would end its neighbours too.
  await runJobs(deps, inOrder(alone), jobs, { atOnce: 1, atOnceOfOwner: 1, goesOn: hasTime('alone') });
  return { objects, jobs };
}

async function sweepObjects(deps: SweepDeps, goesOn: () => boolean): Promise<Tally> {
  const tally: Tally = { done: 0, failed: 0 };
  const work = async (object: string) => {
    const isUnavailable = await tallied(deps, tally, { object }, () => settleObject(deps, object));
    // A dead letter of consume waits for the tables to take its lane, and there may be many.
    return accountOfDeadLetter(object) === undefined || !isUnavailable;
  };
  const ownerOf = (object: string) => accountOfDeadLetter(object) ?? '';
  const turns = { ownerOf, work, atOnce: objectsAtOnce, atOnceOfOwner: objectsAtOnceOfAccount, goesOn };
  await listed(deps, tally, () => inFairTurns(objectsDue(deps), turns));
  return tally;
}

function runJobs(
  deps: SweepDeps,
  jobs: AsyncIterable<Job>,
  tally: Tally,
  turn: Pick<Turns<Job>, 'atOnce' | 'atOnceOfOwner' | 'goesOn'>,
): Promise<void> {
  const unavailableOf = new Map<string, number>();
  const ownerOf = ({ lane }: Job) => lane.tenant.account;
  const work = async (job: Job) => {
    const { kind, lane, record } = job;
    const isUnavailable = await tallied(deps, tally, { job: kind, ...lane.tenant, record }, async () => {
      return (await runJob(deps, job)) === 'unavailable';
    });
    const times = isUnavailable ? (unavailableOf.get(ownerOf(job)) ?? 0) + 1 : 0;
    unavailableOf.set(ownerOf(job), times);
    return times < jobsAtOnceOfAccount;
  };
  return listed(deps, tally, () => inFairTurns(jobs, { ownerOf, work, ...turn }));
}

/** True if a dependency is unavailable. */
async function tallied(
  deps: SweepDeps,
  tally: Tally,
  names: object,
  work: () => Promise<unknown>,
): Promise<boolean> {
  try {
    const isUnavailable = (await work()) === true;
    tally.done += 1;
    return isUnavailable;
  } catch (error) {
    tally.failed += 1;
    logUndone(deps, names, error);
    return error instanceof Unavailable;
  }
}

/** The list of what is due may fail itself. */
async function listed(deps: SweepDeps, tally: Tally, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tally.failed += 1;
    logUndone(deps, {}, error);
  }
}

function logUndone({ logger, meter }: SweepDeps, names: object, error: unknown): void {
  logger.error('a sweep leaves something undone', { ...names, ...errorFields(error) });
  meter.count(metricNames.leftUndone, 1);
}

async function* objectsDue(deps: SweepDeps): AsyncGenerator<string> {
  const untilMs = deps.clock.now() - notificationMayTakeMs;
  for await (const { name, storedAtMs } of deps.failedRecords.list(lambdaPrefix))
    if (storedAtMs <= untilMs) yield name;
  for await (const { name } of deps.failedRecords.list(deadLetterPrefix)) yield name;
}

async function* withoutUnfinished({ quarantine, clock }: SweepDeps, unfinished: Job[]): AsyncGenerator<Job> {
  for await (const job of quarantine.jobs(clock.now()))
    if (job.isUnfinished) unfinished.push(job);
    else yield job;
}

async function* inOrder(jobs: readonly Job[]): AsyncGenerator<Job> {
  yield* jobs;
}
