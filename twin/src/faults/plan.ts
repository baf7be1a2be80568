// A fault plan: data that says what goes wrong. It is checked as a whole before any rule is in force. An invalid plan is
// refused with each place and what would be valid there.

import * as z from 'zod';
import { checkRule } from './rule-checks.ts';
import { exactly, type FaultRule, faultRule } from './rule-schema.ts';

export type FaultPlan = { readonly seed: number; readonly rules: readonly FaultRule[] };

export class InvalidFaultPlan extends Error {
  override readonly name = 'InvalidFaultPlan';
}

const checkedRule = faultRule.superRefine((rule, context) =>
  checkRule(rule, (path, message) => context.addIssue({ code: 'custom', path: [...path], message })),
);

const faultPlan = exactly({
  seed: z.int({ error: 'must be a whole number' }).default(1),
  rules: z.array(checkedRule, { error: 'must be a list of rules' }),
});

export function readPlan(candidate: unknown): FaultPlan {
  return read(faultPlan, candidate, 'The plan');
}

export function readRule(candidate: unknown): FaultRule {
  return read(checkedRule, candidate, 'The rule');
}

function read<T>(schema: z.ZodType<T>, candidate: unknown, whole: string): T {
  const result = schema.safeParse(candidate);
  if (result.success) return result.data;
  const complaints = result.error.issues.map(({ path, message }) => `${placeOf(path) || whole} ${message}.`);
  throw new InvalidFaultPlan(complaints.join('\n'));
}

function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
