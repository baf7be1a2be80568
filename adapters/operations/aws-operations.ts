// Logs and metrics in CloudWatch, and functions with their mappings in Lambda.

import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  ResourceNotFoundException,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import type { Figure, Points } from '../../domain/operations/figures.ts';
import type {
  ConsumerChange,
  ConsumerState,
  LogLine,
  Operations,
  RequestLine,
  TimeRange,
} from '../../domain/operations/port.ts';
import { type FunctionVerb, functionNameOf, liveNameOf } from '../../domain/system/stage-names.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';
import { readFigures } from './cloudwatch-figures.ts';

export class FunctionMissing extends Error {
  override readonly name = 'FunctionMissing';
}

export class AwsOperations implements Operations {
  readonly #lambda: LambdaClient;
  readonly #logs: CloudWatchLogsClient;
  readonly #metrics: CloudWatchClient;
  readonly #stage: string;
  readonly #accessLog: string;

  constructor(stage: string, accessLog: string, timeouts: Timeouts, connection: Connection = {}) {
    const options = { ...clientOptions(timeouts), ...connection };
    this.#lambda = new LambdaClient(options);
    this.#logs = new CloudWatchLogsClient(options);
    this.#metrics = new CloudWatchClient(options);
    this.#stage = stage;
    this.#accessLog = accessLog;
  }

  async *logs(verb: FunctionVerb, range: TimeRange, all: boolean): AsyncIterable<LogLine> {
    const FunctionName = functionNameOf(this.#stage, verb);
    const { LoggingConfig } = await this.#found(FunctionName, () =>
      this.#lambda.send(new GetFunctionConfigurationCommand({ FunctionName })),
    );
    const pattern = all ? undefined : '{ ($.level = "ERROR") || ($.level = "WARN") }';
    for await (const message of this.#lines(LoggingConfig?.LogGroup, range, pattern)) {
      const line = toLogLine(message.text, message.atMs);
      // Embedded metrics are lines too.
      if (line !== undefined) yield line;
    }
  }

  async *requests(range: TimeRange, status: string | undefined): AsyncIterable<RequestLine> {
    const pattern = status && `{ $.status = "${status.length === 1 ? `${status}*` : status}" }`;
    for await (const { text } of this.#lines(this.#accessLog, range, pattern)) {
      const line = toRequestLine(text);
      if (line !== undefined && line.atMs >= range.fromMs && line.atMs < range.toMs) yield line;
    }
  }

  figures(figures: readonly Figure[], range: TimeRange, periodSeconds: number): Promise<readonly Points[]> {
    return readFigures(this.#metrics, figures, range, periodSeconds);
  }

  async consumers(verbs: readonly FunctionVerb[]): Promise<readonly ConsumerState[]> {
    const states: ConsumerState[] = [];
    for (const verb of verbs) {
      const mapping = await this.#mapping(verb);
      if (mapping === undefined) continue;
      states.push({
        verb,
        mappingId: mapping.UUID ?? '',
        state: mapping.State ?? 'unknown',
        lastResult: mapping.LastProcessingResult ?? 'none yet',
        parallelization: mapping.ParallelizationFactor ?? 1,
        maxAgeSeconds: mapping.MaximumRecordAgeInSeconds ?? -1,
      });
    }
    return states;
  }

  async changeConsumer(verb: FunctionVerb, change: ConsumerChange): Promise<void> {
    const mapping = await this.#mapping(verb);
    if (mapping === undefined) throw new FunctionMissing(`The stage has no ${verb}.`);
    await this.#lambda.send(
      new UpdateEventSourceMappingCommand({
        UUID: mapping.UUID,
        Enabled: change.enabled,
        ParallelizationFactor: change.parallelization,
        MaximumRecordAgeInSeconds: change.maxAgeSeconds,
      }),
    );
  }

  async concurrency(verb: FunctionVerb): Promise<number | undefined> {
    const FunctionName = functionNameOf(this.#stage, verb);
    const answer = await this.#found(FunctionName, () =>
      this.#lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })),
    );
    return answer.ReservedConcurrentExecutions;
  }

  async setConcurrency(verb: FunctionVerb, reserved: number | undefined): Promise<void> {
    const FunctionName = functionNameOf(this.#stage, verb);
    await this.#found<unknown>(FunctionName, () =>
      reserved === undefined
        ? this.#lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
        : this.#lambda.send(
            new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: reserved }),
          ),
    );
  }

  /** It calls the alias, by which alone it is found. */
  async #mapping(verb: FunctionVerb) {
    const FunctionName = liveNameOf(this.#stage, verb);
    try {
      const list = new ListEventSourceMappingsCommand({ FunctionName });
      return (await this.#lambda.send(list)).EventSourceMappings?.[0];
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async #found<Answer>(functionName: string, call: () => Promise<Answer>): Promise<Answer> {
    try {
      return await call();
    } catch (cause) {
      if (cause instanceof ResourceNotFoundException)
        throw new FunctionMissing(`There is no function ${functionName}.`, { cause });
      throw cause;
    }
  }

  /** CloudWatch Logs searches all lines of the time, and answers in pages, of which some are empty. */
  async *#lines(logGroupName: string | undefined, { fromMs, toMs }: TimeRange, filterPattern?: string) {
    const pages = paginateFilterLogEvents(
      { client: this.#logs },
      { logGroupName, startTime: fromMs, endTime: toMs, ...(filterPattern && { filterPattern }) },
    );
    for await (const { events = [] } of pages)
      for (const { message = '', timestamp = 0 } of events) yield { text: message, atMs: timestamp };
  }
}

function toLogLine(text: string, atMs: number): LogLine | undefined {
  const parsed = parse(text);
  if (parsed === undefined) return { atMs, level: '-', message: text.trim(), fields: {} };
  const { level, message, ...fields } = parsed;
  if ('_aws' in fields) return undefined;
  // The same in every line of a function.
  const shown = Object.entries(fields).filter(([name]) => !ofEveryLine.test(name));
  return {
    atMs,
    level: String(level ?? '-'),
    message: String(message ?? ''),
    fields: Object.fromEntries(shown),
  };
}

const ofEveryLine =
  /^(timestamp|service|sampling_rate|cold_start|xray_trace_id|function_(arn|memory_size|name))$/;

function toRequestLine(text: string): RequestLine | undefined {
  const parsed = parse(text);
  if (parsed === undefined) return undefined;
  const field = (name: string) => String(parsed[name] ?? '-');
  return {
    ...{ status: field('status'), method: field('method'), route: field('route') },
    ...{ accountId: field('accountId'), keyId: field('keyId') },
    ...{ responseType: field('responseType'), ip: field('ip') },
    atMs: Number(parsed.requestTimeEpoch),
    latencyMs: Number(parsed.responseLatencyMs),
    authorizerMs: Number(parsed.authorizerLatencyMs) || 0,
    integrationMs: Number(parsed.integrationLatencyMs) || 0,
  };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
