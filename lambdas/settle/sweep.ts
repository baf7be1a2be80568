// Runs every few minutes: settles dead letters whose notification was lost or whose settling failed, and runs the
// scheduled jobs that are due. A failure does not block the rest. What there is no time for waits for the next sweep.

import type { Logger } from '@aws-lambda-powertools/logger';
import { lambdaPrefix } from '../../domain/keys.ts';
import type { FailedRecords, Quarantine } from '../../domain/quarantine/port.ts';
import type { Job } from '../../domain/quarantine/quarantine.ts';
import { nameOfPlace } from '../../domain/record/record-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { minuteMs } from '../../domain/system/time.ts';
import { errorFields } from '../runtime/error-fields.ts';
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
type Tally = { readonly done: number; readonly failed: number };

/** A younger object may still be settled by its notification. */
const notificationMayTakeMs = 10 * minuteMs;
/** With less time left nothing is started. Enough for the calls in flight and their retries. */
const reserveMs = minuteMs;
const objectsAtOnce = 4;
/** One, because a record that crashes the function would use up an attempt of each record replayed beside it. */
const jobsAtOnce = 1;
const jobsAtATime = 100;

export async function sweep(deps: SweepDeps, remainingMs: () => number): Promise<SweepResult> {
  const run = new Run(deps, remainingMs);
  return {
    objects: await run.all(() => objectsDue(deps), objectsAtOnce),
    jobs: await run.all(() => jobsDue(deps), jobsAtOnce),
  };
}

/** An object or job that is due, and its names for the log. */
type Due = { readonly names: object; readonly work: () => Promise<void> };

class Run {
  readonly #deps: SweepDeps;
  readonly #remainingMs: () => number;

  constructor(deps: SweepDeps, remainingMs: () => number) {
    this.#deps = deps;
    this.#remainingMs = remainingMs;
  }

  async all(batches: () => AsyncIterable<readonly Due[]>, atOnce: number): Promise<Tally> {
    const tally = { done: 0, failed: 0 };
    const runOne = async ({ names, work }: Due) => {
      if (!this.#hasTime()) return;
      const succeeded = await this.#succeeds(names, work);
      tally[succeeded ? 'done' : 'failed'] += 1;
    };
    const listed = await this.#succeeds({}, async () => {
      for await (const batch of batches()) await mapBounded(batch, atOnce, runOne);
    });
    return listed ? tally : { ...tally, failed: tally.failed + 1 };
  }

  #hasTime(): boolean {
    return this.#remainingMs() > reserveMs;
  }

  async #succeeds(names: object, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#deps.logger.error('a sweep leaves something undone', {
        ...names,
        ...errorFields(error),
      });
      this.#deps.meter.count(metricNames.leftUndone, 1);
      return false;
    }
  }
}

async function* objectsDue(deps: SweepDeps): AsyncGenerator<readonly Due[]> {
  const untilMs = deps.clock.now() - notificationMayTakeMs;
  const due: Due[] = [];
  for await (const { name, storedAtMs } of deps.failedRecords.list(lambdaPrefix))
    if (storedAtMs <= untilMs) due.push({ names: { object: name }, work: () => settleObject(deps, name) });
  yield due;
}

async function* jobsDue(deps: SweepDeps): AsyncGenerator<readonly Due[]> {
  const seen = new Set<string>();
  for (;;) {
    const jobs = await deps.quarantine.jobs(deps.clock.now(), jobsAtATime);
    // Jobs that could not be rescheduled, or that there was no time for, are listed again. Each runs once a sweep.
    const unseen = jobs.filter((job) => !seen.has(nameOf(job)));
    if (unseen.length === 0) return;
    for (const job of unseen) seen.add(nameOf(job));
    yield unseen.map((job) => {
      const { kind, lane, record } = job;
      return { names: { job: kind, ...lane.tenant, record }, work: () => runJob(deps, job) };
    });
  }
}

const nameOf = (job: Job): string => `${job.kind}#${job.dueAtMs}#${nameOfPlace(job)}`;
