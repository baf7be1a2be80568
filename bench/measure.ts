// What it costs to add up the access log by account: write units and processor time of measure, per million requests. By how
// many lines a delivery has and of how many accounts they are, which decides how much is written.

import { MemoryAccountLevels } from '../adapters/service-levels/memory-account-levels.ts';
import type { Delivery } from '../domain/service-levels/account-levels.ts';
import { createMeasure } from '../lambdas/measure/measure.ts';
import { accessLine, logDelivery } from '../test/support/access-lines.ts';
import { nowMs } from '../test/support/events.ts';
import { silentLogger, TestMeter } from '../test/support/meter.ts';

const dollars = { millionWriteUnits: 0.625, gibibyteSecond: 0.000_013_333_4, millionRuns: 0.2 };
const memoryGibibytes = 0.25;
/** With 256 MB, a function has so much of a processor. And each run waits for its transactions. */
const processorShare = 256 / 1769;
const waitMs = 15;
/** A transaction writes twice. An hour of one account, with a usual number of counters, has less than 1 KB. */
const unitsOfItem = 2;
const itemsOfTransaction = 100;
const deliveries = 200;

let written: Delivery[] = [];
const levels = new MemoryAccountLevels();
const measure = createMeasure({
  levels: {
    add: async (delivery, atMs) => {
      written.push(delivery);
      await levels.add(delivery, atMs);
    },
  },
  meter: new TestMeter(),
  clock: { now: () => nowMs },
  logger: silentLogger,
});

console.log('lines  accounts  units/delivery  CPU ms/delivery  $/million requests');
for (const [lines, accounts] of [
  [1, 1],
  [10, 5],
  [100, 1],
  [100, 20],
  [1000, 100],
  [1000, 1000],
] as const) {
  written = [];
  const events = Array.from({ length: deliveries }, (_, index) =>
    logDelivery(
      Array.from({ length: lines }, (_each, line) =>
        accessLine({ accountId: `a-${line % accounts}`, responseLatencyMs: String((line * 37) % 800) }),
      ),
      index * lines,
    ),
  );
  const before = process.cpuUsage();
  for (const event of events) await measure(event);
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1000 / deliveries;
  const items = written.reduce(
    (sum, { hours }) => sum + hours.length + Math.ceil(hours.length / (itemsOfTransaction - 1)),
    0,
  );
  const units = (items * unitsOfItem) / deliveries;
  const seconds = (cpuMs / processorShare + waitMs) / 1000;
  const ofDelivery =
    (units * dollars.millionWriteUnits) / 1e6 +
    seconds * memoryGibibytes * dollars.gibibyteSecond +
    dollars.millionRuns / 1e6;
  const perMillion = (ofDelivery * 1e6) / lines;
  console.log(
    [
      String(lines).padStart(5),
      String(accounts).padStart(9),
      units.toFixed(0).padStart(15),
      cpuMs.toFixed(2).padStart(16),
      perMillion.toFixed(2).padStart(19),
    ].join(' '),
  );
}
