// Looks every few minutes for what is due: objects whose notice was lost or came to nothing, and jobs. One that fails
// keeps no other from being done, and what there is no time for is due at the next sweep.

import type { Logger } from '@aws-lambda-powertools/logger';
import { lambdaPrefix } from '../../domain/keys.ts';
import type { FailedRecords, Quarantine } from '../../domain/quarantine/port.ts';
import type { Job } from '../../domain/quarantine/quarantine.ts';
import { recordName } from '../../domain/record/record-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { minuteMs } from '../../domain/system/time.ts';
import { type JobDeps, runJob } from './jobs.ts';
import { type SettleObjectDeps, settleObject } from './settle-object.ts';

export type SweepDeps = SettleObjectDeps &
  JobDeps & {
    readonly quarantine: Pick<Quarantine, 'jobs'>;
    readonly failedRecords: Pick<FailedRecords, 'list'>;
    readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  };

/** How many were done and how many failed; those that there was no time for are in neither. */
export type Swept = { readonly objects: Tally; readonly jobs: Tally };
type Tally = { readonly done: number; readonly failed: number };

/** By then its notice has been heeded, if it ever is. */
const noticeMayTakeMs = 10 * minuteMs;
/** Nothing is begun with less left: enough for calls under way, with their retries. */
const reserveMs = minuteMs;
const objectsAtOnce = 4;
/** A record that ends the function takes along whoever is replayed beside it, and would use up their attempts. */
const jobsAtOnce = 1;
const jobsAtATime = 100;

export async function sweep(deps: SweepDeps, remainingMs: () => number): Promise<Swept> {
  const run = new Run(deps, remainingMs);
  return {
    objects: await run.all(() => objectsDue(deps), objectsAtOnce),
    jobs: await run.all(() => jobsDue(deps), jobsAtOnce),
  };
}

/** One thing to do, and how a log names it. */
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
    const doOne = async ({ names, work }: Due) => {
      if (!this.#hasTime()) return;
      const succeeded = await this.#survives(names, work);
      tally[succeeded ? 'done' : 'failed'] += 1;
    };
    const whole = await this.#survives({}, async () => {
      for await (const batch of batches()) await mapBounded(batch, atOnce, doOne);
    });
    return whole ? tally : { ...tally, failed: tally.failed + 1 };
  }

  #hasTime(): boolean {
    return this.#remainingMs() > reserveMs;
  }

  async #survives(names: object, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#deps.logger.error('a sweep leaves something undone', { ...names, error });
      this.#deps.meter.count(metricNames.leftUndone, 1);
      return false;
    }
  }
}

async function* objectsDue(deps: SweepDeps): AsyncGenerator<readonly Due[]> {
  const untilMs = deps.clock.now() - noticeMayTakeMs;
  const due: Due[] = [];
  for await (const { name, storedAtMs } of deps.failedRecords.list(lambdaPrefix))
    if (storedAtMs <= untilMs) due.push({ names: { object: name }, work: () => settleObject(deps, name) });
  yield due;
}

async function* jobsDue(deps: SweepDeps): AsyncGenerator<readonly Due[]> {
  const seen = new Set<string>();
  for (;;) {
    const jobs = await deps.quarantine.jobs(deps.clock.now(), jobsAtATime);
    // What could not even be put off is still there, and so is what there was no time for: it has had its turn.
    const unseen = jobs.filter((job) => !seen.has(nameOf(job)));
    if (unseen.length === 0) return;
    for (const job of unseen) seen.add(nameOf(job));
    yield unseen.map((job) => {
      const { kind, tenant, record } = job;
      return { names: { job: kind, ...tenant, record }, work: () => runJob(deps, job) };
    });
  }
}

const nameOf = ({ kind, dueAtMs, tenant, record }: Job): string =>
  `${kind}#${dueAtMs}#${recordName(tenant, record)}`;
