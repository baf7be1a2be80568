// Times without faults: in between, before days pass, and at the end of every history.

import { lambdaPrefix } from '../../domain/keys.ts';
import { delivery } from '../../domain/record/delivery.ts';
import { hourMs, minuteMs } from '../../domain/system/time.ts';
import { consume, giveUp, settleObject, sweep } from './functions.ts';
import type { Entry, World } from './world.ts';

export const isOpen =
  (world: World) =>
  (entry: Entry): boolean =>
    !entry.isLetGo && entry.heldBy === 0 && world.isOnStream(entry);

/** What the stream holds is done, or given up, long before the stream forgets it. */
export async function passWithin(world: World, durationMs: number): Promise<void> {
  const oldMs = world.clock.nowMs + durationMs - delivery.maxRecordAgeHours * hourMs;
  if (world.entries.some(({ isLetGo, record }) => !isLetGo && record.receivedAtMs < oldMs)) await calm(world);
  world.pass(durationMs);
}

/** Without faults until nobody has anything left to do but what is put off. */
export async function calm(world: World): Promise<void> {
  world.scheduler.wake();
  for (;;) {
    while (world.scheduler.waiting > 0) await world.scheduler.goOn(0);
    const open = world.entries.filter(isOpen(world));
    const deadly = open.filter(({ record }) => world.isBroken(record.name, 'ends the function'));
    const crashed = deadly.find(({ timesDied }) => timesDied > 1);
    const unsettled = await Array.fromAsync(world.stores.failedRecords.list(lambdaPrefix));
    // Bisected, until it is alone.
    if (crashed) await giveUp(world, [crashed], true);
    else if (deadly[0]) await consume(world, [deadly[0]]);
    else if (open.length > 0) await consume(world, open);
    else if (unsettled[0]) await settleObject(world, unsettled[0].name);
    else return;
  }
}

/** Everything is delivered, settled, and done that was put off; and then the stream hands out once more what it holds. */
export async function finish(world: World): Promise<void> {
  while (world.accept());
  await calm(world);
  for (;;) {
    const [job] = await world.stores.quarantine.jobs(Number.POSITIVE_INFINITY, 1);
    if (!job) break;
    world.pass(Math.max(minuteMs, job.dueAtMs - world.clock.nowMs));
    await sweep(world);
    await calm(world);
  }
  world.pass(5 * minuteMs);
  await consume(
    world,
    world.entries.filter((entry) => world.isOnStream(entry)),
  );
  await calm(world);
}
