// CloudWatch Logs: subscriptions, metric filters, and as much as an operator needs to search the access log of an API or what a function
// printed: FilterLogEvents. Lines are in files.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html

import { existsSync, readFileSync } from 'node:fs';
import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';
import type { LogGroup } from '../../core/log-group.ts';
import { type AwsAnswer, type AwsCall, errorAnswer, jsonAnswer } from '../../core/proxy/aws-call.ts';
import type { Service } from '../../core/service.ts';
import { filterOf, PatternNotModelled } from './filter-pattern.ts';
import { timeFieldOf, timesIn } from './line-times.ts';
import { LogSubscriptions, type LogSubscriptionsOptions } from './log-subscriptions.ts';
import { MetricFilters, type MetricFiltersOptions } from './metric-filters.ts';

/** AWS ends a page there, or after 1 MB. */
const mostEvents = 10_000;

export function createLogs(options: LogSubscriptionsOptions & MetricFiltersOptions): Service {
  return {
    name: 'logs',
    destination: { answer: async (call) => answer(options.groups(), call) },
    phases: { receivers: [new LogSubscriptions(options), new MetricFilters(options)] },
  };
}

function answer(groups: readonly LogGroup[], { operation, body }: AwsCall): AwsAnswer {
  if (operation !== 'FilterLogEvents')
    return errorAnswer(501, 'NotModelled', `The local twin has no ${operation} of CloudWatch Logs.`);
  const input: unknown = JSON.parse(body.toString());
  if (!isJsonRecord(input)) return errorAnswer(400, 'SerializationException', 'Not a structure');
  const name = String(input.logGroupName ?? '');
  const group = groups.find((each) => each.name === name);
  if (group === undefined)
    return errorAnswer(400, 'ResourceNotFoundException', `The specified log group does not exist: ${name}`);
  try {
    return jsonAnswer(200, search(group, input));
  } catch (error) {
    if (error instanceof PatternNotModelled) return errorAnswer(501, 'NotModelled', error.message);
    throw error;
  }
}

function search({ name, file, format }: LogGroup, input: JsonRecord) {
  const { startTime = 0, endTime = Number.MAX_SAFE_INTEGER, filterPattern = '', nextToken, limit } = input;
  const isWanted = filterOf(String(filterPattern));
  if (format !== undefined && timeFieldOf(format) === undefined)
    throw new Error(
      'The local twin searches an access log only if its format is JSON with requestTimeEpoch.',
    );
  const timeOf = timesIn({ format });
  const most = Math.min(Number(limit ?? mostEvents), mostEvents);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const found: { readonly index: number; readonly timestamp: number; readonly message: string }[] = [];
  let lastMs = 0;
  for (const [index, message] of lines.entries()) {
    // A line without a time is as old as the one before it, such as the second line of a text.
    const timestamp = timeOf(message) ?? lastMs;
    lastMs = timestamp;
    if (index < Number(nextToken ?? 0)) continue;
    if (found.length === most) break;
    if (timestamp < Number(startTime) || timestamp > Number(endTime) || !isWanted(message)) continue;
    found.push({ index, timestamp, message });
  }
  const next = (found.at(-1)?.index ?? 0) + 1;
  const isCut = found.length === most && next < lines.length;
  return {
    events: found.map(({ index, timestamp, message }) => ({
      ...{ timestamp, message, ingestionTime: timestamp, logStreamName: name, eventId: String(index) },
    })),
    searchedLogStreams: [],
    ...(isCut && { nextToken: String(next) }),
  };
}
