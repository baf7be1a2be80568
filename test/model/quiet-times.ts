// Times without faults: in between, before days pass, and at the end of every history.

import type { Job } from '../../domain/quarantine/quarantine.ts';
import { minuteMs } from '../../domain/system/time.ts';
import { consume, settleObject, sweep, writeDeadLetter } from './functions.ts';
import { foldAll } from './readers.ts';
import { type Entry, mostRecordAgeMs, type World } from './world.ts';

export const isOpen =
  (world: World) =>
  (entry: Entry): boolean =>
    !entry.isPassed && entry.heldBy === 0 && world.isOnStream(entry);

/** Records end, or become dead letters, long before the stream drops them: so calm down before much time passes. */
export async function passWithin(world: World, durationMs: number): Promise<void> {
  const oldMs = world.clock.nowMs + durationMs - mostRecordAgeMs;
  if (world.entries.some(({ isPassed, record }) => !isPassed && record.receivedAtMs < oldMs))
    await calm(world);
  world.pass(durationMs);
}

/** Runs without faults until only scheduled jobs are left to do. */
export async function calm(world: World): Promise<void> {
  world.scheduler.wake();
  world.serve();
  for (;;) {
    while (world.scheduler.waiting > 0) await world.scheduler.goOn(0);
    const open = world.entries.filter(isOpen(world));
    const deadly = open.filter(({ record }) => world.isBroken(record.name, 'ends the function'));
    const crashed = deadly.find(({ timesDied }) => timesDied > 1);
    const [unsettled] = await world.lettersLeft();
    // The mapping has bisected the batch until the record is alone.
    if (crashed) await writeDeadLetter(world, [crashed], true);
    else if (deadly[0]) await consume(world, [deadly[0]]);
    else if (open.length > 0) await consume(world, open);
    else if (unsettled) await settleObject(world, unsettled);
    else return;
  }
}

/** Everything is counted, and folded before its receipts expire. */
export async function calmAndFold(world: World): Promise<void> {
  await calm(world);
  await foldAll(world);
}

/** The job that is due next, without those that remove payloads: the events have expired by then. */
export async function nextJob({ stores }: World): Promise<Job | undefined> {
  for await (const job of stores.quarantine.jobs(Number.POSITIVE_INFINITY))
    if (job.kind !== 'expire') return job;
  return undefined;
}

/** Delivers and settles everything and runs all jobs. */
export async function finish(world: World): Promise<void> {
  while (world.accept());
  await calm(world);
  for (;;) {
    const job = await nextJob(world);
    if (!job) return;
    world.pass(Math.max(minuteMs, job.dueAtMs - world.clock.nowMs));
    await sweep(world);
    await calm(world);
  }
}

/** The stream delivers all that it still holds once more. */
export async function deliverAgain(world: World): Promise<void> {
  world.pass(5 * minuteMs);
  await consume(
    world,
    world.entries.filter((entry) => world.isOnStream(entry)),
  );
  await calm(world);
}
