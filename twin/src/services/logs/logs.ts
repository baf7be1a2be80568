// CloudWatch Logs, as much of it as an operator needs to search an access log: FilterLogEvents. What functions print is in
// files alone.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html

import { existsSync, readFileSync } from 'node:fs';
import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';
import { type AwsAnswer, type AwsCall, errorAnswer, jsonAnswer } from '../../core/proxy/aws-call.ts';
import type { Service } from '../../core/service.ts';
import { filterOf, PatternNotModelled } from './filter-pattern.ts';

/** A log group whose lines are in a file, each in this format of an access log. */
export type AccessLogGroup = { readonly name: string; readonly file: string; readonly format: string };

/** AWS ends a page there, or after 1 MB. */
const mostEvents = 10_000;

export function createLogs(groups: readonly AccessLogGroup[]): Service {
  return { name: 'logs', destination: { answer: async (call) => answer(groups, call) } };
}

function answer(groups: readonly AccessLogGroup[], { operation, body }: AwsCall): AwsAnswer {
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

function search({ name, file, format }: AccessLogGroup, input: JsonRecord) {
  const { startTime = 0, endTime = Number.MAX_SAFE_INTEGER, filterPattern = '', nextToken, limit } = input;
  const isWanted = filterOf(String(filterPattern));
  const timeOf = timesIn(format);
  const most = Math.min(Number(limit ?? mostEvents), mostEvents);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const found: { readonly index: number; readonly timestamp: number; readonly message: string }[] = [];
  for (let index = Number(nextToken ?? 0); index < lines.length && found.length < most; index += 1) {
    const message = lines[index] ?? '';
    const timestamp = timeOf(message);
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

/** The file has no times of its own: they are in the field that the format gives them. */
function timesIn(format: string): (line: string) => number {
  const name = Object.entries(fieldsOf(format)).find(
    ([, value]) => value === '$context.requestTimeEpoch',
  )?.[0];
  if (name === undefined)
    throw new Error(
      'The local twin searches an access log only if its format is JSON with requestTimeEpoch.',
    );
  return (line) => Number(fieldsOf(line)[name] ?? Number.NaN);
}

function fieldsOf(text: string): JsonRecord {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonRecord(value) ? value : {};
  } catch {
    return {};
  }
}
