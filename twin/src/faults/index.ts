// The door to injected faults: plans and their rules, and the random numbers by which they choose.

export { type FaultPlan, InvalidFaultPlan, readPlan } from './plan.ts';
export { readPlanFile } from './plan-file.ts';
export { seedAt, seededRandom } from './random.ts';
export type { FaultRule } from './rule-schema.ts';
