// What the choices of a history mean.

import { type Lane, laneKey, type Tenant } from '../../domain/keys.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../domain/system/time.ts';
import { consume, request, settleObject, sweep, writeDeadLetter } from './functions.ts';
import { labelOfPut } from './gated-lanes.ts';
import { calmAndFold, isOpen, nextJob, passWithin } from './quiet-times.ts';
import { fold, read, readTotalOf } from './readers.ts';
import { type AcceptedRecord, tenants } from './records.ts';
import type { Actor, Ending, Scheduler } from './scheduler.ts';
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
  /** An actor goes on for a few calls, mostly fewer than above, so that actors stop between any two calls. */
  'go on a little': async ({ scheduler }, which) => {
    const actor = await scheduler.goOn(which & 7);
    if (actor) await scheduler.goOnWith(actor, moreCalls[which >> 3] ?? 0);
  },
  /** An actor is about to put receipts. */
  'go on to its put': async ({ scheduler }, which) => {
    const actor = await scheduler.goOn(which);
    if (actor) await goOnToPut(scheduler, actor);
  },
  /** An actor stops in the middle of its work. */
  stall: async (world, which) => {
    const actor = await goOn(world, which);
    if (actor) world.scheduler.stall(actor);
  },
  accept: async (world) => {
    world.accept();
  },
  'accept some': async (world, which) => {
    for (let more = which % 4; more >= 0 && world.accept(); more -= 1)
      if (which & 4) world.pass(20 * secondMs);
  },
  'deliver what is open': async (world, which) => {
    await consume(world, chosen(world.entries.filter(isOpen(world)), which));
  },
  'deliver twice at once': async (world, which) => {
    const entries = chosen(world.entries.filter(isOpen(world)), which);
    await consume(world, entries);
    await consume(world, entries);
  },
  'deliver anything': async (world, which) => {
    const onStream = world.entries.filter((entry) => world.isOnStream(entry));
    await consume(world, chosen(onStream, which));
  },
  fold: async (world, which) => {
    await fold(world, laneBy(world, which));
  },
  'fold to the end': async (world, which) => {
    await world.scheduler.toTheEnd(await fold(world, laneBy(world, which)));
  },
  read: async (world, which) => {
    await read(world, laneBy(world, which));
  },
  'read a summary': (world, which) => readTotalOf(world, tenantBy(world, which), totalBy(which)),
  'read a summary to the end': async (world, which) => {
    await readTotalOf(world, tenantBy(world, which), totalBy(which));
    await toTheEnd(world, 0);
  },
  'kill before': ending('killed before'),
  'kill after': ending('killed after'),
  unavailable: ending('unavailable'),
  'lose an answer': ending('answer lost'),
  'some time': async (world, which) =>
    passWithin(world, [minuteMs, 6 * minuteMs, 15 * minuteMs, 22 * minuteMs, 3 * hourMs][which % 5] ?? 0),
  /** For runs: the newest receipt is much later than others, then old by its put, then its hour is over. */
  'a short time': async (world, which) => {
    const times = [20 * secondMs, 20 * secondMs, secondMs, 20 * secondMs, 11 * minuteMs, 70 * minuteMs];
    await passWithin(world, times[which % times.length] ?? 0);
  },
  /** A partition throttles: all calls about a lane, until the tables serve it again. */
  'refuse a lane': async (world, which) => world.refuse(laneBy(world, which)),
  'serve all lanes': async (world) => world.serve(),
  wake: async (world) => {
    world.scheduler.wake();
  },
  /** Past the retention of the stream, past a retention of events, past its guards. */
  days: async (world, which) => {
    await calmAndFold(world);
    world.pass([3 * dayMs + hourMs, 8 * dayMs + hourMs, 20 * dayMs][which % 3] ?? 0);
  },
  /** All that has expired, or only some links. */
  forget: async (world, which) =>
    world.forget(which & 1 ? ({ position }) => (which & (2 << (position % 5))) !== 0 : undefined),
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
    const left = await world.lettersLeft();
    const names = left.length > 0 ? left : world.objects;
    const name = names[which % Math.max(1, names.length)];
    if (name) await settleObject(world, name);
  }),
  sweep: mostlyToTheEnd(sweep),
  'sweep when something is due': mostlyToTheEnd(async (world) => {
    const job = await nextJob(world);
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

type Weights = Readonly<Partial<Record<StepName, number>>>;

/** How often each step is chosen, relative to the others. */
export const storingWeights: Weights = {
  'go on': 20,
  'go on to the end': 6,
  stall: 6,
  accept: 6,
  'deliver what is open': 5,
  'deliver anything': 6,
  'fold to the end': 1,
  'read a summary to the end': 1,
  'kill before': 1,
  'kill after': 3,
  unavailable: 1,
  'lose an answer': 2,
  'some time': 3,
  days: 3,
  forget: 2,
  'write a dead letter': 4,
  notice: 2,
  sweep: 1,
  'sweep when something is due': 3,
  replay: 3,
  discard: 4,
  mend: 2,
};

export const refusingWeights: Weights = { ...storingWeights, 'refuse a lane': 4, 'serve all lanes': 2 };

export const claimingWeights: Weights = {
  'go on': 20,
  'go on to the end': 8,
  'go on a little': 4,
  stall: 4,
  accept: 6,
  'deliver what is open': 6,
  'deliver twice at once': 2,
  'deliver anything': 4,
  'kill before': 1,
  'kill after': 3,
  unavailable: 2,
  'lose an answer': 3,
  'some time': 3,
  days: 4,
  forget: 4,
  'write a dead letter': 2,
  notice: 1,
  'sweep when something is due': 3,
  replay: 3,
  discard: 4,
  mend: 2,
};

export const countingWeights: Weights = {
  'go on a little': 20,
  'go on to the end': 8,
  'go on to its put': 3,
  stall: 4,
  'accept some': 8,
  'deliver what is open': 8,
  'deliver twice at once': 3,
  'deliver anything': 4,
  fold: 6,
  'fold to the end': 4,
  read: 5,
  'read a summary': 1,
  'read a summary to the end': 2,
  'kill before': 1,
  'kill after': 5,
  unavailable: 1,
  'lose an answer': 2,
  'a short time': 7,
  wake: 2,
  days: 1,
  forget: 1,
  'write a dead letter': 1,
  'sweep when something is due': 1,
  replay: 1,
  mend: 1,
};

function ending(how: Ending): Step {
  return async (world, which) => {
    await world.scheduler.goOn(which, how);
  };
}

/** One to eight calls of a waiting actor. */
async function goOn({ scheduler }: World, which: number): Promise<Actor | undefined> {
  const actor = await scheduler.goOn(which & 7);
  if (actor) await scheduler.goOnWith(actor, which >> 3);
  return actor;
}

export async function toTheEnd({ scheduler }: World, which: number): Promise<void> {
  const { waiting } = scheduler;
  const actor = await scheduler.goOn(waiting - 1 - (which % Math.max(1, waiting)));
  if (actor) await scheduler.toTheEnd(actor);
}

export async function goOnToPut(scheduler: Scheduler, actor: Actor): Promise<void> {
  for (;;) {
    const call = scheduler.nextCallOf(actor);
    if (call === undefined || call.startsWith(labelOfPut)) return;
    await scheduler.goOn(scheduler.placeOf(actor));
  }
}

const moreCalls = [0, 0, 1, 1, 2, 2, 3, 6];

function laneBy(world: World, which: number): Lane {
  const used = [...new Map(world.records.map(({ lane }) => [laneKey(lane), lane])).values()];
  return used[which % Math.max(1, used.length)] ?? { tenant: tenantBy(world, which), slot: 0, late: false };
}

const tenantBy = ({ records }: World, which: number): Tenant =>
  records[which % Math.max(1, records.length)]?.tenant ?? (tenants[0] as Tenant);

/** Mostly the summary: rules were found with it. */
const totalBy = (which: number) => ((which & 3) === 3 ? 'series' : 'summary');

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
