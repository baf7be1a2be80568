// The cost of storing and counting: the consume function against a real engine, in write units, calls and bytes on the
// wire, next to the plain layout under the same load in the same run. The limits are for events of about 360 bytes within
// a minute, 50 users, no duplicates, 5 records per invocation. `npm run bench:consume`.

import { hourMs, minuteMs } from '../domain/system/time.ts';
import { type Contender, contest, type Figures } from './consume-bench/contest.ts';
import type { Load } from './consume-bench/load.ts';
import { plain } from './consume-bench/plain.ts';
import { weir } from './consume-bench/weir.ts';

type Bar = { readonly most: number; readonly what: string; readonly of: (figures: Figures) => number };
type Contest = {
  readonly load: Load;
  readonly batches: number;
  readonly alsoUnfolded?: boolean;
  readonly bars?: readonly Bar[];
};

const perEvent = ({ calls, stored, ...figures }: Figures) => {
  const bytes = [...stored.values()].reduce((sum, table) => sum + table.bytes, 0);
  return {
    writeUnits: figures.writeUnits / figures.events,
    readUnits: figures.readUnits / figures.events,
    callsPerThousand: (1000 * calls) / figures.events,
    storedBytes: bytes / figures.events,
  };
};
const writeUnits = (most: number): Bar => ({
  most,
  what: 'write units an event',
  of: (figures) => perEvent(figures).writeUnits,
});
const calls = (most: number): Bar => ({
  most,
  what: 'calls per 1,000 events',
  of: (figures) => perEvent(figures).callsPerThousand,
});
const storedBytes = (most: number): Bar => ({
  most,
  what: 'bytes stored an event',
  of: (figures) => perEvent(figures).storedBytes,
});
const barsAt100 = [writeUnits(1.25), calls(65), storedBytes(400)];
const barsAt100Made = [writeUnits(0.22), calls(20), storedBytes(200)];

const usual = { users: { count: 50, named: 'by number' }, spreadMs: minuteMs, ids: 'random' } as const;
const uuidUsers = { count: 200, named: 'by UUID' } as const;
const made = { ...usual, users: uuidUsers, ids: 'made here' } as const;
const contests: readonly Contest[] = [
  { load: { ...usual, eventsPerBatch: 100 }, batches: 200, alsoUnfolded: true, bars: barsAt100 },
  { load: { ...usual, eventsPerBatch: 500 }, batches: 40, alsoUnfolded: true, bars: [writeUnits(1.15)] },
  { load: { ...usual, eventsPerBatch: 100, users: uuidUsers }, batches: 200 },
  { load: { ...usual, eventsPerBatch: 100, spreadMs: 48 * hourMs }, batches: 200 },
  { load: { ...usual, eventsPerBatch: 10 }, batches: 500 },
  { load: { ...usual, eventsPerBatch: 1 }, batches: 2000 },
  { load: { ...made, eventsPerBatch: 100 }, batches: 200, alsoUnfolded: true, bars: barsAt100Made },
  { load: { ...made, eventsPerBatch: 500 }, batches: 40 },
  { load: { ...made, eventsPerBatch: 10 }, batches: 500 },
  { load: { ...made, eventsPerBatch: 1 }, batches: 2000 },
];

const nameOf = ({ eventsPerBatch, users, spreadMs, ids }: Load) =>
  `batches of ${eventsPerBatch}` +
  (ids === 'made here' ? ', ids made here' : '') +
  (users.named === 'by UUID' ? `, ${users.count} users with UUIDs` : '') +
  (spreadMs > minuteMs ? `, over ${spreadMs / hourMs} h` : '');

let missed = 0;
for (const { load, batches, alsoUnfolded = false, bars = [] } of contests) {
  const contenders: readonly Contender[] = [
    { name: 'weir, 5 records folded', processor: weir, recordsEach: 5 },
    ...(alsoUnfolded ? [{ name: 'weir, unfolded', processor: weir, recordsEach: 1 }] : []),
    { name: 'plain layout', processor: plain, recordsEach: 5 },
  ];
  const { figures, bytesPerEvent } = await contest(load, batches, contenders);
  const name = nameOf(load);
  const [ours, ...others] = figures;
  const base = others.at(-1);
  if (!ours || !base) throw new Error('A contender did not take part.');
  console.log(
    `\n${name}: ${ours.events} events of ${Math.round(bytesPerEvent)} bytes, received within an hour`,
  );
  console.table(Object.fromEntries(figures.map((some) => [some.name, rowOf(some)])));
  console.log(`where the write units go: ${placesOf(ours)}`);
  for (const { most, what, of } of bars) {
    const figure = of(ours);
    if (figure > most) missed += 1;
    console.log(`=> ${short(figure)} ${what} at ${name}; the bar is ${most}`);
  }
  const times = (of: (figures: ReturnType<typeof perEvent>) => number) =>
    `${(of(perEvent(ours)) / of(perEvent(base))).toFixed(2)}x`;
  console.log(
    `=> of the plain layout: ${times((some) => some.writeUnits)} the write units, ` +
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
  const [pages, receipts] = [figures.stored.get('pages'), figures.stored.get('ledger')];
  return {
    'write units/event': Number(each.writeUnits.toFixed(3)),
    'read units/event': Number(each.readUnits.toFixed(3)),
    'calls/1,000': Math.round(each.callsPerThousand),
    'bytes stored/event': Math.round(each.storedBytes),
    'bytes on the wire/event': Math.round(figures.wireBytes / figures.events),
    'pages/record': pages && receipts ? Number((pages.items / receipts.items).toFixed(1)) : '',
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
