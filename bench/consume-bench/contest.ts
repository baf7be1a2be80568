// Compares contenders under one load, each on its own tables. First through a proxy that counts calls and capacity units,
// on empty tables; then without the proxy and in turns, to measure the CPU time of each.

import type { CallCount } from '@weir/twin';
import { hourMs, minuteMs } from '../../domain/system/time.ts';
import { TestClock } from '../../test/support/clock.ts';
import { noPause } from '../../test/support/tables.ts';
import { allTurns, cpuMicros } from '../ingest-bench/cpu.ts';
import { clientAt, startMeteredTables } from '../support/metered-tables.ts';
import { type Invocation, invocationsOf, type Load } from './load.ts';
import type { Processor } from './processor.ts';
import type { Stored } from './tables.ts';
import { createWriteRules } from './write-rules.ts';

export type Contender = {
  readonly name: string;
  readonly processor: Processor;
  readonly recordsEach: number;
};

export type Counted = {
  readonly events: number;
  readonly writeUnits: number;
  readonly writeUnitsByTable: ReadonlyMap<string, number>;
  readonly readUnits: number;
  readonly calls: number;
  readonly wireBytes: number;
  readonly stored: ReadonlyMap<string, Stored>;
};
export type Figures = Counted & { readonly name: string; readonly cpuMicrosPerEvent: number };

const readOperations = new Set(['dynamodb.BatchGetItem', 'dynamodb.Query', 'dynamodb.GetItem']);
/** Long enough that the hour of the load is over, and its last receipts are old. */
const hourAndMoreMs = hourMs + 10 * minuteMs;

export async function contest(load: Load, batches: number, contenders: readonly Contender[]) {
  const entrants: { name: string; counted: Counted; run: () => Promise<void>; eventsEach: number }[] = [];
  const ends: (() => Promise<void>)[] = [];
  const runsPerTurn = Math.min(20, Math.ceil(100 / load.eventsPerBatch));
  const timedInvocations = runsPerTurn * allTurns;
  let bytesPerEvent = 0;
  try {
    for (const { name, processor, recordsEach } of contenders) {
      const made = invocationsOf(load, batches + timedInvocations * recordsEach, recordsEach);
      bytesPerEvent = made.bytesPerEvent;
      const timed = made.invocations.slice(-timedInvocations);
      const stage = await openStage(processor);
      ends.push(stage.end);
      const counted = await stage.count(made.invocations.slice(0, -timedInvocations));
      const run = async () => stage.run(timed.pop() as Invocation);
      entrants.push({ name, counted, run, eventsEach: sum(timed, ({ events }) => events) / timed.length });
    }
    const micros = await cpuMicros(entrants, runsPerTurn);
    const figures = entrants.map(({ name, counted, eventsEach }): Figures => {
      return { ...counted, name, cpuMicrosPerEvent: (micros.get(name) ?? Number.NaN) / eventsEach };
    });
    return { figures, bytesPerEvent };
  } finally {
    for (const end of ends) await end();
  }
}

async function openStage(processor: Processor) {
  const rules = createWriteRules(processor.tables);
  const { tables, meter, url, direct: bare, end } = await startMeteredTables(processor.tables, [rules.step]);
  const metered = runnerAt(processor, url);
  const direct = runnerAt(processor, bare);
  return {
    count: async (invocations: readonly Invocation[]): Promise<Counted> => {
      for (const invocation of invocations) await metered.run(invocation);
      await metered.finish();
      const calls = Object.values(meter.calls()).flatMap((byOperation) => Object.entries(byOperation));
      const total = (of: (count: Readonly<CallCount>) => number, some = calls) =>
        sum(some, ([, count]) => of(count));
      const units = ({ capacityUnits }: Readonly<CallCount>) => capacityUnits;
      const reads = calls.filter(([operation]) => readOperations.has(operation));
      const writeUnits = total(units) - total(units, reads);
      const writeUnitsByTable = rules.unitsByTable();
      const ruled = sum([...writeUnitsByTable.values()], (some) => some);
      if (ruled !== writeUnits)
        throw new Error(`By AWS's rules ${ruled} write units, by the engine ${writeUnits}.`);
      return {
        events: sum(invocations, ({ events }) => events),
        writeUnits,
        writeUnitsByTable,
        readUnits: total(units, reads),
        calls: total(({ calls: some }) => some),
        wireBytes: total(({ requestBytes, responseBytes }) => requestBytes + responseBytes),
        stored: await tables.stored(),
      };
    },
    run: direct.run,
    end: async () => {
      metered.end();
      direct.end();
      await end();
    },
  };
}

function runnerAt(processor: Processor, endpoint: string) {
  const client = clientAt(endpoint);
  const clock = new TestClock();
  const { consume, finish = async () => {} } = processor.build(
    (name) => ({ client, name, pause: noPause }),
    clock,
  );
  return {
    run: async ({ event, nowMs }: Invocation) => {
      clock.nowMs = nowMs;
      await consume(event);
    },
    finish: async () => {
      clock.nowMs += hourAndMoreMs;
      await finish();
    },
    end: () => client.destroy(),
  };
}

const sum = <T>(list: readonly T[], of: (element: T) => number): number =>
  list.reduce((total, element) => total + of(element), 0);
