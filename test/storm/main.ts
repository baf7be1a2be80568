// The long storm: `npm run test:storm -- [--seed N] [--batches N] [--events N] [--accounts N]`. Progress goes to stderr,
// the result to stdout. Exit codes: 0 everything adds up, 1 it does not, 2 wrong arguments.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startWeir } from '../../local/weir.ts';
import { longStorm, type StormSize } from './plan.ts';
import { runStorm, type StormReport } from './storm.ts';

const mostViolationsPrinted = 20;

class WrongUse extends Error {
  override readonly name = 'WrongUse';
}

function readSize(): StormSize {
  const names = Object.keys(longStorm) as (keyof StormSize)[];
  const values = parse(names);
  const sizes = names.map((name) => {
    const value = Number(values[name] ?? longStorm[name]);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new WrongUse(`--${name} takes a whole number from 1, not "${values[name]}".`);
    return [name, value];
  });
  return Object.fromEntries(sizes) as StormSize;
}

function parse(names: readonly (keyof StormSize)[]): Partial<Record<keyof StormSize, string>> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ options }).values;
  } catch (cause) {
    throw new WrongUse((cause as Error).message, { cause });
  }
}

async function weather(size: StormSize): Promise<StormReport> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-storm-'));
  try {
    // The twin would report every fault, and the storm injects thousands.
    const twin = await startWeir({ memory: true, folder, report: () => undefined });
    try {
      return await runStorm(twin, size, (line) => console.error(line));
    } finally {
      await twin.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function conclude(
  { seed, batches, events, records, met, violations }: StormReport,
  seconds: number,
): boolean {
  for (const [kind, times] of Object.entries(met)) console.error(`met ${times} times: ${kind}`);
  for (const violation of violations.slice(0, mostViolationsPrinted)) console.error(violation);
  const missing = Object.entries(met).filter(([, times]) => times === 0);
  const isFine = violations.length === 0 && missing.length === 0;
  const what = `${batches} batches, ${events} events, ${records} records in ${seconds} s`;
  const verdict = isFine
    ? 'every event is stored and counted once'
    : `${violations.length} violations; not met: ${missing.map(([kind]) => kind).join(', ') || 'nothing'}`;
  console.log(`Seed ${seed}: ${what}: ${verdict}.`);
  return isFine;
}

const startedAtMs = performance.now();
try {
  const report = await weather(readSize());
  const seconds = Math.round((performance.now() - startedAtMs) / 1000);
  if (!conclude(report, seconds)) process.exitCode = 1;
} catch (error) {
  const isWrongUse = error instanceof WrongUse;
  console.error(isWrongUse ? error.message : error);
  process.exitCode = isWrongUse ? 2 : 1;
}
