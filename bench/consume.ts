// The cost of storing, counting and folding: the consume function against a real engine, in write units, calls and bytes
// on the wire, next to the plain layout under the same load in the same run. A load is received within an hour, and what
// it leaves unfolded is folded by the schedule. Reads count as a fifth of a write, which is what they cost. The limits are
// for events of about 360 bytes and without duplicates. `npm run bench:consume`; `--only TEXT` runs the contests whose
// name has the text.

import { parseArgs } from 'node:util';
import { hourMs, minuteMs, secondMs } from '../domain/system/time.ts';
import { type Contender, contest, type Figures } from './consume-bench/contest.ts';
import { type Load, receivedWithinMs } from './consume-bench/load.ts';
import { plain } from './consume-bench/plain.ts';
import { weir } from './consume-bench/weir.ts';

type Bar = { readonly most: number; readonly what: string; readonly of: (figures: Figures) => number };
type Contest = {
  readonly load: Load;
  readonly batches: number;
  /** Records of an invocation. */
  readonly recordsEach?: number;
  readonly alsoUnfolded?: boolean;
  readonly bars?: readonly Bar[];
  /** Of records that come alone. */
  readonly barsUnfolded?: readonly Bar[];
};

/** On-demand prices in us-east-1, November 2026: $0.625 a million writes, $0.125 a million reads. */
const readsPerWrite = 5;

const perEvent = ({ calls, stored, ...figures }: Figures) => {
  const bytes = [...stored.values()].reduce((sum, table) => sum + table.bytes, 0);
  return {
    writeUnits: figures.writeUnits / figures.events,
    readUnits: figures.readUnits / figures.events,
    units: (figures.writeUnits + figures.readUnits / readsPerWrite) / figures.events,
    callsPerThousand: (1000 * calls) / figures.events,
    storedBytes: bytes / figures.events,
  };
};
const units = (most: number): Bar => ({
  most,
  what: 'units an event',
  of: (figures) => perEvent(figures).units,
});
const calls = (most: number): Bar => ({
  most,
  what: 'calls per 1,000 events',
  of: (figures) => perEvent(figures).callsPerThousand,
});
const cpuMicros = (most: number): Bar => ({
  most,
  what: 'µs of CPU an event',
  of: (figures) => figures.cpuMicrosPerEvent,
});
const storedBytes = (most: number): Bar => ({
  most,
  what: 'bytes stored an event',
  of: (figures) => perEvent(figures).storedBytes,
});

const usual = { users: { count: 50, named: 'by number' }, spreadMs: minuteMs, ids: 'random' } as const;
const uuidUsers = { count: 200, named: 'by UUID' } as const;
const made = { ...usual, users: uuidUsers, ids: 'made here' } as const;
const secondsOfLoad = receivedWithinMs / 1000;
const atRate = (eachSecond: number, recordsEach: number): Contest => ({
  load: { ...made, eventsPerBatch: 1 },
  batches: eachSecond * secondsOfLoad,
  recordsEach,
  bars: [units(2.8)],
});
/** UUIDv7 that are as old as their events, which a client collects for so long. */
const byTime = (spreadMs: number): Contest => ({
  load: { ...usual, eventsPerBatch: 100, ids: 'UUIDv7', spreadMs },
  batches: 200,
  bars: [units(0.3), cpuMicros(40)],
});
const contests: readonly Contest[] = [
  {
    load: { ...made, eventsPerBatch: 100 },
    batches: 200,
    alsoUnfolded: true,
    bars: [units(0.22), calls(20), storedBytes(200)],
    barsUnfolded: [units(0.22), calls(45)],
  },
  { load: { ...made, eventsPerBatch: 500 }, batches: 40, bars: [units(0.2)] },
  { load: { ...made, eventsPerBatch: 10 }, batches: 500, bars: [units(0.45)] },
  // Lambda waits for a second, so that five a second come together.
  atRate(5, 5),
  atRate(0.2, 1),
  {
    load: { ...usual, eventsPerBatch: 100 },
    batches: 200,
    alsoUnfolded: true,
    bars: [units(1.25), calls(65), storedBytes(400)],
  },
  byTime(secondMs),
  byTime(8 * secondMs),
  byTime(minuteMs),
  { load: { ...usual, eventsPerBatch: 100, ids: 'scoped' }, batches: 200, bars: [units(0.22)] },
  { load: { ...usual, eventsPerBatch: 100, ids: 'made here' }, batches: 200 },
  // Old events: hardly two of them in one window of ids.
  { load: { ...usual, eventsPerBatch: 100, ids: 'UUIDv7', spreadMs: 48 * hourMs }, batches: 200 },
  { load: { ...usual, eventsPerBatch: 500 }, batches: 40, bars: [units(1.15)] },
  { load: { ...usual, eventsPerBatch: 100, users: uuidUsers }, batches: 200, bars: [units(1.25)] },
  { load: { ...usual, eventsPerBatch: 100, spreadMs: 48 * hourMs }, batches: 200 },
  { load: { ...usual, eventsPerBatch: 10 }, batches: 500 },
  { load: { ...usual, eventsPerBatch: 1 }, batches: 2000 },
];

const idsIn: Readonly<Record<Load['ids'], string>> = {
  random: '',
  UUIDv7: ', ids UUIDv7',
  scoped: ', ids scoped to the batch',
  'made here': ', ids made here',
};
const span = (ms: number) => (ms < hourMs ? `${ms / secondMs} s` : `${ms / hourMs} h`);
const nameOf = ({ eventsPerBatch, users, spreadMs, ids }: Load, batches: number) =>
  `batches of ${eventsPerBatch} at ${(batches / secondsOfLoad).toPrecision(1)}/s` +
  idsIn[ids] +
  (users.named === 'by UUID' ? `, ${users.count} users with UUIDs` : '') +
  (spreadMs !== minuteMs || ids === 'UUIDv7' ? `, over ${span(spreadMs)}` : '');
const { only = '' } = parseArgs({ options: { only: { type: 'string' } } }).values;

let missed = 0;
for (const contested of contests) {
  const { load, batches, recordsEach = 5, alsoUnfolded = false, bars = [], barsUnfolded = [] } = contested;
  const name = nameOf(load, batches);
  if (!name.includes(only)) continue;
  const contenders: readonly Contender[] = [
    { name: `weir, ${recordsEach} records an invocation`, processor: weir, recordsEach },
    ...(alsoUnfolded ? [{ name: 'weir, 1 record an invocation', processor: weir, recordsEach: 1 }] : []),
    { name: 'plain layout', processor: plain, recordsEach },
  ];
  const { figures, bytesPerEvent } = await contest(load, batches, contenders);
  const [ours, ...others] = figures;
  const base = others.at(-1);
  if (!ours || !base) throw new Error('A contender did not take part.');
  console.log(
    `\n${name}: ${ours.events} events of ${Math.round(bytesPerEvent)} bytes, received within an hour`,
  );
  console.table(Object.fromEntries(figures.map((some) => [some.name, rowOf(some)])));
  console.log(`where the write units go: ${placesOf(ours)}`);
  const [alone] = alsoUnfolded ? others : [];
  for (const [some, held] of [[ours, bars] as const, [alone, barsUnfolded] as const]) {
    for (const { most, what, of } of held) {
      const figure = some ? of(some) : Number.NaN;
      if (!(figure <= most)) missed += 1;
      console.log(`=> ${some?.name}: ${short(figure)} ${what} at ${name}; the bar is ${most}`);
    }
  }
  const times = (of: (figures: ReturnType<typeof perEvent>) => number) =>
    `${(of(perEvent(ours)) / of(perEvent(base))).toFixed(2)}x`;
  console.log(
    `=> of the plain layout: ${times((some) => some.units)} the units, ` +
      `${times((some) => some.storedBytes)} the bytes stored, ${times((some) => some.callsPerThousand)} the calls, ` +
      `${(ours.cpuMicrosPerEvent / base.cpuMicrosPerEvent).toFixed(2)}x the CPU`,
  );
}
process.exitCode = missed === 0 ? 0 : 1;

function short(figure: number): string {
  return figure >= 10 ? figure.toFixed(0) : figure.toFixed(3);
}

function rowOf(figures: Figures) {
  const each = perEvent(figures);
  return {
    'units/event': Number(each.units.toFixed(3)),
    'write units/event': Number(each.writeUnits.toFixed(3)),
    'read units/event': Number(each.readUnits.toFixed(3)),
    'calls/1,000': Math.round(each.callsPerThousand),
    'bytes stored/event': Math.round(each.storedBytes),
    'bytes on the wire/event': Math.round(figures.wireBytes / figures.events),
    'CPU µs/event': Math.round(figures.cpuMicrosPerEvent),
  };
}

function placesOf({ writeUnitsByTable, events: count, stored }: Figures): string {
  return [...writeUnitsByTable]
    .map(([table, units]) => {
      const { items = 0, bytes = 0 } = stored.get(table) ?? {};
      return `${table} ${(units / count).toFixed(3)} (${items} items of ${Math.round(bytes / items)} bytes)`;
    })
    .join(', ');
}
