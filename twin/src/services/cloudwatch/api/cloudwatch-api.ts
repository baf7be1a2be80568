// CloudWatch's API, for functions and operators. The SDK speaks JSON and compresses larger bodies.

import { gunzipSync } from 'node:zlib';
import { type AwsAnswer, type AwsCall, errorAnswer, jsonAnswer } from '../../../core/proxy/aws-call.ts';
import { jsonBody } from '../../../core/proxy/json-body.ts';
import { type AlarmContext, alarmOperations } from './alarm-operations.ts';
import { type MetricContext, metricOperations } from './metric-operations.ts';
import { Refused } from './operation.ts';

export function createCloudWatchApi(context: MetricContext & AlarmContext) {
  const operations = { ...metricOperations(context), ...alarmOperations(context) };
  return async ({
    operation,
    headers,
    body,
  }: Pick<AwsCall, 'operation' | 'headers' | 'body'>): Promise<AwsAnswer> => {
    const answer = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (answer === undefined)
      return errorAnswer(501, 'NotModelled', `The local twin has no ${operation} of CloudWatch.`);
    const input = jsonBody(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    if (input === undefined)
      return errorAnswer(
        400,
        'SerializationException',
        'The body is no JSON: the local twin speaks no other protocol.',
      );
    try {
      return jsonAnswer(200, answer(input));
    } catch (error) {
      if (error instanceof Refused) return errorAnswer(400, error.code, error.message);
      throw error;
    }
  };
}
