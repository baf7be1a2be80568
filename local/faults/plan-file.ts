// A fault plan from a file: what `npm start -- --faults FILE` reads before anything starts.

import { readFile } from 'node:fs/promises';
import { type FaultPlan, InvalidFaultPlan, readPlan } from './plan.ts';

export async function readPlanFile(file: string): Promise<FaultPlan> {
  try {
    return readPlan(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new InvalidFaultPlan(`${file} is no fault plan: ${(error as Error).message}`, { cause: error });
  }
}
