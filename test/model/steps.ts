// What the choices of a history mean.

import { lambdaPrefix } from '../../domain/keys.ts';
import { dayMs, hourMs, minuteMs } from '../../domain/system/time.ts';
import { consume, request, settleObject, sweep, writeDeadLetter } from './functions.ts';
import { calm, isOpen, passWithin } from './quiet-times.ts';
import type { AcceptedRecord } from './records.ts';
import type { Actor, Ending } from './scheduler.ts';
import type { Entry, World } from './world.ts';

export type Step = (world: World, which: number) => Promise<void>;

/** A choice is 0 to 63: bits, or a position in a list. */
export const mostWhich = 63;

const steps = {
  /** An actor goes on for one to eight calls. Without any actor, the next record is accepted or delivered. */
  'go on': async (world, which) => {
    if (await goOn(world, which)) return;
    if (!world.accept()) await consume(world, world.entries.filter(isOpen(world)));
  },
  /** One actor, counted from the latest, runs to its end while the others wait. */
  'go on to the end': toTheEnd,
  /** An actor stops in the middle of its work. */
  stall: async (world, which) => {
    const actor = await goOn(world, which);
    if (actor) world.scheduler.stall(actor);
  },
  accept: async (world) => {
    world.accept();
  },
  'deliver what is open': async (world, which) =>
    consume(world, chosen(world.entries.filter(isOpen(world)), which)),
  'deliver anything': async (world, which) =>
    consume(
      world,
      chosen(
        world.entries.filter((entry) => world.isOnStream(entry)),
        which,
      ),
    ),
  'kill before': ending('killed before'),
  'kill after': ending('killed after'),
  unavailable: ending('unavailable'),
  'lose an answer': ending('answer lost'),
  'some time': async (world, which) =>
    passWithin(world, [minuteMs, 6 * minuteMs, 15 * minuteMs, 22 * minuteMs, 3 * hourMs][which % 5] ?? 0),
  /** Past the retention of the stream, past a retention of events, past its guards. */
  days: async (world, which) => {
    await calm(world);
    world.pass([dayMs + hourMs, 8 * dayMs + hourMs, 20 * dayMs][which % 3] ?? 0);
  },
  forget: async (world) => world.forget(),
  'write a dead letter': async (world, which) =>
    writeDeadLetter(
      world,
      chosen(
        world.entries.filter(({ isPassed }) => !isPassed),
        which >> 1,
      ),
      (which & 1) === 1,
    ),
  notice: mostlyToTheEnd(async (world, which) => {
    const objects = await Array.fromAsync(world.stores.failedRecords.list(lambdaPrefix));
    const names = objects.length > 0 ? objects.map(({ name }) => name) : world.objects;
    const name = names[which % Math.max(1, names.length)];
    if (name) await settleObject(world, name);
  }),
  sweep: mostlyToTheEnd(sweep),
  'sweep when something is due': mostlyToTheEnd(async (world) => {
    const [job] = await world.stores.quarantine.jobs(Number.POSITIVE_INFINITY, 1);
    if (!job) return;
    await passWithin(world, Math.max(0, job.dueAtMs - world.clock.nowMs));
    await sweep(world);
  }),
  replay: mostlyToTheEnd(async (world, which) => {
    const record = asked(world, which);
    if (record) await request(world, 'replay', record);
  }),
  discard: mostlyToTheEnd(async (world, which) => {
    const record = asked(world, which);
    if (record) await request(world, 'discard', record);
  }),
  mend: async (world) => world.mend(),
} as const satisfies Readonly<Record<string, Step>>;

export type StepName = keyof typeof steps;

export const stepOf = (name: StepName): Step => steps[name];

/** How often each step is chosen, relative to the others. */
export const weights: Readonly<Record<StepName, number>> = {
  'go on': 20,
  'go on to the end': 6,
  stall: 6,
  accept: 6,
  'deliver what is open': 5,
  'deliver anything': 6,
  'kill before': 1,
  'kill after': 3,
  unavailable: 1,
  'lose an answer': 2,
  'some time': 3,
  days: 3,
  forget: 1,
  'write a dead letter': 4,
  notice: 2,
  sweep: 1,
  'sweep when something is due': 3,
  replay: 3,
  discard: 4,
  mend: 2,
};

function ending(how: Ending): Step {
  return async (world, which) => {
    await world.scheduler.goOn(which, how);
  };
}

/** One to eight calls of a waiting actor. */
async function goOn({ scheduler }: World, which: number): Promise<Actor | undefined> {
  const actor = await scheduler.goOn(which & 7);
  for (let more = which >> 3; actor && more > 0 && scheduler.placeOf(actor) >= 0; more -= 1)
    await scheduler.goOn(scheduler.placeOf(actor));
  return actor;
}

async function toTheEnd({ scheduler }: World, which: number): Promise<void> {
  const { waiting } = scheduler;
  const actor = await scheduler.goOn(waiting - 1 - (which % Math.max(1, waiting)));
  while (actor && scheduler.placeOf(actor) >= 0) await scheduler.goOn(scheduler.placeOf(actor));
}

/** Settling takes few calls, and rarely matters to what runs at the same time: mostly let it run to its end. */
function mostlyToTheEnd(step: Step): Step {
  return async (world, which) => {
    await step(world, which & 15);
    if (which < 48) await toTheEnd(world, 0);
  };
}

/** Chosen by the bits of `which`; all if no bit is set. */
function chosen(entries: readonly Entry[], which: number): readonly Entry[] {
  const some = entries.filter((_, index) => (which & (1 << (index % 6))) !== 0);
  return some.length === 0 ? entries : some;
}

/** An operator mostly asks for a quarantined record, and sometimes for one that is not. */
function asked(world: World, which: number): AcceptedRecord | undefined {
  const known = world.records.filter(({ plan }) => plan.kind !== 'unreadable');
  const quarantined = known.filter((record) => world.receiptOf(record)?.state === 'quarantined');
  const among = quarantined.length > 0 && which < 14 ? quarantined : known;
  return among[which % Math.max(1, among.length)];
}
