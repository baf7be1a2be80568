// The variables a function may be given. Infrastructure sets these names (Lambda itself sets AWS_REGION), and a function that
// misses one fails at start with the name of what is missing.

export const environmentNames = [
  'IDENTITIES_TABLE',
  'PAGES_TABLE',
  'AGGREGATES_TABLE',
  'ACCOUNTS_TABLE',
  'LEDGER_TABLE',
  'EVENT_STREAM',
  'AWS_REGION',
] as const;
export type EnvironmentName = (typeof environmentNames)[number];

export class MissingVariable extends Error {
  override readonly name = 'MissingVariable';
  constructor(variable: string) {
    super(`The environment variable ${variable} is not set: the function's construct has to pass it.`);
  }
}

export function readVariable(
  variable: EnvironmentName,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const value = environment[variable];
  if (!value) throw new MissingVariable(variable);
  return value;
}
