// The variables a function may be given. Infrastructure sets these names, and a function that misses one fails at
// start with the name of what is missing.

export const environmentNames = [
  'IDENTITIES_TABLE',
  'PAGES_TABLE',
  'AGGREGATES_TABLE',
  'ACCOUNTS_TABLE',
  'LEDGER_TABLE',
  'EVENT_STREAM',
  'FAILED_RECORDS_BUCKET',
] as const;
export type EnvironmentName = (typeof environmentNames)[number];

/** Lambda refuses a function that is given these. */
type SetByLambda = 'AWS_REGION';

/** Set by Lambda too, where there is something to name: no daemon is on a developer's machine. */
type SometimesSet = 'AWS_XRAY_DAEMON_ADDRESS';

export class MissingVariable extends Error {
  override readonly name = 'MissingVariable';
  constructor(variable: string) {
    super(`The environment variable ${variable} is not set: the function's construct has to pass it.`);
  }
}

export function readVariable(
  variable: EnvironmentName | SetByLambda,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const value = environment[variable];
  if (!value) throw new MissingVariable(variable);
  return value;
}

export const readOptionalVariable = (
  variable: SometimesSet,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined => environment[variable] || undefined;
