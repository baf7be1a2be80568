// Reads a fault plan from a file.

import { readFile } from 'node:fs/promises';
import { type FaultPlan, InvalidFaultPlan, readPlan } from './plan.ts';

export async function readPlanFile(file: string): Promise<FaultPlan> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new InvalidFaultPlan(`${file} cannot be opened: ${cause.message}`, { cause });
  });
  try {
    return readPlan(JSON.parse(text));
  } catch (cause) {
    throw new InvalidFaultPlan(`${file} is no fault plan: ${(cause as Error).message}`, { cause });
  }
}
