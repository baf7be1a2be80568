// The environment variables of the functions. Their constructs set these names. A function without one of its variables
// fails at start, and the error names the variable.

export const environmentNames = [
  'IDENTITIES_TABLE',
  'CLAIM_LOGS_TABLE',
  'PAGES_TABLE',
  'AGGREGATES_TABLE',
  'ACCOUNTS_TABLE',
  'API_URL',
  'LEDGER_TABLE',
  'EVENT_STREAM',
  'LATE_EVENT_STREAM',
  'PRIORITY_EVENT_STREAM',
  'FAILED_RECORDS_BUCKET',
  'API_NAME',
  'API_STAGE',
  'EVENT_BUS',
  'OFF_PEAK',
  'PEOPLE',
  'PLAN_KEY',
  'QUOTAS',
  'REPORTS_BUCKET',
  'REPORT_TOPIC',
  'SETTLE_FUNCTION',
  'SLOTS',
  'STAGE',
] as const;
export type EnvironmentName = (typeof environmentNames)[number];

/** Reserved: Lambda sets them, and refuses a function whose configuration does. */
type SetByLambda = 'AWS_LAMBDA_FUNCTION_VERSION' | 'AWS_REGION';

/**
 * The daemon's address is set by Lambda, but not by the twin: a developer's machine has no X-Ray daemon. A stage may have
 * no stream for late events, no priority stream, no off-peak hours, and no issuer of its people, whose settings are JSON.
 */
type SometimesSet =
  | 'AWS_XRAY_DAEMON_ADDRESS'
  | 'LATE_EVENT_STREAM'
  | 'OFF_PEAK'
  | 'PEOPLE'
  | 'PRIORITY_EVENT_STREAM';

export class MissingVariable extends Error {
  override readonly name = 'MissingVariable';
  constructor(variable: string) {
    super(
      `The environment variable ${variable} is not set. Add it to the environment of the function's construct.`,
    );
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
