// The log file of one function: its workers append what it prints, and failures are added here. A failure to write is
// reported once, and does not fail what is logged.

import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ErrorPayload } from '../../core/invocation.ts';

export class FunctionLog {
  readonly path: string;
  private readonly report: (problem: string) => void;
  private isLost = false;

  constructor(path: string, report: (problem: string) => void) {
    mkdirSync(dirname(path), { recursive: true });
    this.path = path;
    this.report = report;
  }

  addFailure({ errorType, errorMessage, trace }: ErrorPayload): void {
    try {
      appendFileSync(this.path, `${JSON.stringify({ errorType, errorMessage, trace })}\n`);
    } catch (error) {
      this.lost((error as Error).message);
    }
  }

  /** Here, or in a worker, something could not be written. */
  lost(problem: string): void {
    if (this.isLost) return;
    this.isLost = true;
    this.report(`${this.path} cannot be written: ${problem}`);
  }
}
