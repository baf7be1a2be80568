// What must hold of counting at the end of every history.

import { isPlain, placeOf } from '../../../domain/counting/receipt.ts';
import { type Lane, laneKey } from '../../../domain/keys.ts';
import { readLane } from '../../../lambdas/counting/read-lane.ts';
import { stateOfDay } from './functions.ts';
import { type AcceptedRecord, eventsIn, hoursOf, lanes, type World } from './world.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

/** What readers are shown, whether runs are folded or not. */
export async function violationsOf(world: World): Promise<string[]> {
  world.noteReceipts();
  const faults: string[] = [];
  for (const lane of lanes) {
    const records = world.recordsOf(lane);
    const counted = records.filter(({ receipt }) => world.counted.has(receipt.record));
    const { hours, intakes } = await readLane({ lanes: world.lanes() }, lane, everything);
    for (const hour of new Set([...hours.keys(), ...counted.flatMap(hoursOf)])) {
      const expected = sum(counted, (record) => eventsIn(record, hour));
      const actual = hours.get(hour)?.total.count ?? 0;
      if (actual !== expected)
        faults.push(`hour ${hour} of ${laneKey(lane)} counts ${actual}, not ${expected}`);
    }
    const known = records.filter(({ receipt }) => world.received.has(receipt.record));
    const quarantined = known.filter((record) => !counted.includes(record));
    const figures = [
      ['received', sum([...intakes.values()], ({ received }) => received), accepted(known)],
      ['stored', sum([...intakes.values()], ({ stored }) => stored), accepted(counted)],
      ['quarantined', sum([...intakes.values()], (each) => each.quarantined), accepted(quarantined)],
      ['bytes', sum([...intakes.values()], ({ bytes }) => bytes), sum(known, ({ receipt }) => receipt.bytes)],
    ] as const;
    for (const [name, actual, expected] of figures)
      if (actual !== expected)
        faults.push(`the intake of ${laneKey(lane)} has ${actual} ${name}, not ${expected}`);
  }
  for (const { day, mark, versions } of world.dayFolds) {
    const now = await stateOfDay(world, day);
    if (now.mark === mark && now.versions !== versions) faults.push(`the fold of day ${day} is stale`);
  }
  return faults;
}

/** Once all runs are folded, readers find nothing past them. */
export function violationsOfRuns(world: World): string[] {
  const faults: string[] = [];
  for (const lane of lanes) {
    const runs = runsOf(world, lane);
    runs.forEach((run, index) => {
      if (run.state !== 'folded') faults.push(`run ${run.start} is not folded`);
      const before = runs[index - 1];
      if (before && before.to !== run.start)
        faults.push(`there is a gap between ${before.to} and ${run.start}`);
    });
    for (const record of world.recordsOf(lane)) {
      const receipt = world.receiptOf(record);
      if (receipt && isPlain(receipt) && !(placeOf(receipt) <= (runs.at(-1)?.to ?? '')))
        faults.push(`${receipt.record} is past all runs`);
    }
  }
  return faults;
}

const runsOf = ({ store }: World, lane: Lane) =>
  [...store.runs.values()]
    .filter((run) => laneKey(run.lane) === laneKey(lane))
    .toSorted((a, b) => (a.start < b.start ? -1 : 1));

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
const accepted = (records: readonly AcceptedRecord[]): number =>
  sum(records, ({ receipt }) => receipt.accepted);
