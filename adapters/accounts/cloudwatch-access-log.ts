// The access log of the API, in CloudWatch Logs.

import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { type AccessLog, type AccountRead, readOfLine } from '../../domain/accounts/reads.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';

export class CloudWatchAccessLog implements AccessLog {
  readonly #client: CloudWatchLogsClient;
  readonly #logGroupName: string;

  constructor(logGroupName: string, timeouts: Timeouts, connection: Connection = {}) {
    this.#logGroupName = logGroupName;
    this.#client = new CloudWatchLogsClient({ ...clientOptions(timeouts), ...connection });
  }

  /** CloudWatch Logs searches all lines of the time, and answers in pages, of which some are empty. */
  async reads(account: string, { fromMs, toMs }: { fromMs: number; toMs: number }): Promise<AccountRead[]> {
    const pages = paginateFilterLogEvents(
      { client: this.#client },
      {
        logGroupName: this.#logGroupName,
        startTime: fromMs,
        // A line is written when its request is answered, and its time is that of the begin.
        endTime: toMs + longestRequestMs,
        filterPattern: `{ ($.accountId = "${account}") && ($.method = "GET") }`,
      },
    );
    const reads: AccountRead[] = [];
    for await (const { events = [] } of pages)
      reads.push(...events.flatMap(({ message = '' }) => readOfLine(message) ?? []));
    return reads
      .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
      .toSorted((one, other) => one.atMs - other.atMs || (one.requestId < other.requestId ? -1 : 1));
  }
}

/** API Gateway ends a request after 29 s by itself, and writes its log a while after that. */
const longestRequestMs = 60_000;
