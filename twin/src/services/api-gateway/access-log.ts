// The stage's access log: for each request one line in the format of the template, into a file. What is not known of
// a request is written as `-`.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html

import type { HttpAnswer } from '../../core/http/http-answer.ts';
import { LogFile } from '../../core/log-file.ts';
import type { Report } from '../../core/service.ts';
import { type ContextValues, substitute } from './context.ts';
import type { Journal } from './journal.ts';

const unknown = '-';

export class AccessLog {
  private readonly format: string;
  private readonly file: LogFile;

  constructor(format: string, file: string, report: Report) {
    this.format = format;
    this.file = new LogFile(file, report);
  }

  /** To be called just before the answer is sent: it takes the time until then. */
  write(journal: Journal, answer: HttpAnswer): void {
    const { context, elapsedMs } = journal;
    const known = { ...context, ...knownToLogOnly(context, answer), responseLatency: elapsedMs };
    this.file.write(`${substitute(this.format, { context: known }, unknown).trimEnd()}\n`);
  }

  end(): Promise<void> {
    return this.file.end();
  }
}

function knownToLogOnly(context: ContextValues, { status, body }: HttpAnswer): ContextValues {
  const integration = context.integration as ContextValues | undefined;
  return {
    status,
    responseLength: body.byteLength,
    integrationErrorMessage: integration?.error,
    integrationLatency: integration?.latency,
  };
}
