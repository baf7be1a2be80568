// What can keep a verb from its work. Each cause is a class of its own, with its exit code and what to do next.

import type { ToCommand } from './terminal/commands.ts';

export abstract class CliError extends Error {
  /** 1: refused or failed. 2: wrong use. */
  readonly exitCode: 1 | 2 = 1;
  /** What to do about it, as a sentence. Commands in it are written `weir VERB …`. */
  readonly next: string;

  constructor(what: string, next: string, options?: ErrorOptions) {
    super(what, options);
    this.name = new.target.name;
    this.next = next;
  }
}

/** The command line itself is wrong, whatever the state of the stage. */
export abstract class WrongUse extends CliError {
  override readonly exitCode = 2;
}

export class UnknownAccount extends CliError {
  constructor(account: string) {
    super(`There is no account "${account}".`, 'Check --account and --stage.');
  }
}

/** Of a verb that reads the settings of stages. */
export class UnknownStage extends WrongUse {
  constructor(message: string) {
    super(message, 'Check --stage, or add the stage in lib/stage/stages.ts.');
  }
}

/** A command in `next` is written `weir VERB …`. */
const command = /\bweir (?=(?:account|audit|incident|key|member|quarantine|replay) )/g;

/**
 * The one shape in which errors are printed: what failed, why, what to do next. `otherwise` is what to do about an
 * error that is none of ours, such as one of the AWS SDK. Commands are printed as the operator types them.
 */
export function renderError(error: unknown, otherwise: string, toCommand: ToCommand): string {
  const next = error instanceof CliError ? error.next.replace(command, () => toCommand('')) : otherwise;
  return [`error: ${messageOf(error)}`, ...causesOf(error), `  next: ${next}`].join('\n');
}

function causesOf(error: unknown): string[] {
  if (!(error instanceof Error) || error.cause === undefined) return [];
  return [`  because: ${messageOf(error.cause)}`, ...causesOf(error.cause)];
}

/** A refused connection to a name with several addresses has a code and no message. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
