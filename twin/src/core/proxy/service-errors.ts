// The errors by which each service throttles or fails, in the form of the protocol of the call.

import { escapeXml } from '../http/xml-text.ts';
import { type AwsAnswer, type AwsCall, errorAnswer } from './aws-call.ts';

export type ServiceError = { readonly status: number; readonly code: string };

const throttles = new Map<string, ServiceError>([
  ['apigateway', { status: 429, code: 'TooManyRequestsException' }],
  ['cloudformation', { status: 400, code: 'Throttling' }],
  ['dynamodb', { status: 400, code: 'ProvisionedThroughputExceededException' }],
  ['dynamodbstreams', { status: 400, code: 'LimitExceededException' }],
  ['events', { status: 400, code: 'ThrottlingException' }],
  ['kinesis', { status: 400, code: 'ProvisionedThroughputExceededException' }],
  ['lambda', { status: 429, code: 'TooManyRequestsException' }],
  ['logs', { status: 400, code: 'ThrottlingException' }],
  ['monitoring', { status: 400, code: 'Throttling' }],
  ['s3', { status: 503, code: 'SlowDown' }],
  ['sns', { status: 400, code: 'Throttling' }],
  ['sqs', { status: 400, code: 'RequestThrottled' }],
]);

/** Kinesis has a throughput for records alone; other calls have a limit of so many a second. */
const callsOfRecords = new Set(['GetRecords', 'GetShardIterator', 'PutRecord', 'PutRecords']);

export function throttleOf({ service, operation }: AwsCall): ServiceError {
  if (service === 'kinesis' && !callsOfRecords.has(operation))
    return { status: 400, code: 'LimitExceededException' };
  return throttles.get(service) ?? { status: 400, code: 'ThrottlingException' };
}

const failures = new Map([
  ['dynamodb', 'InternalServerError'],
  ['dynamodbstreams', 'InternalServerError'],
  ['events', 'InternalException'],
  ['lambda', 'ServiceException'],
  ['monitoring', 'InternalServiceError'],
  ['s3', 'InternalError'],
  ['sns', 'InternalError'],
]);

export function failureOf({ service }: AwsCall): ServiceError {
  return { status: 500, code: failures.get(service) ?? 'InternalFailure' };
}

export function answerWith(call: AwsCall, { status, code }: ServiceError, message: string): AwsAnswer {
  const error = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
  if (call.service === 's3')
    return xml(status, 'application/xml', `<Error>${error}<RequestId>local</RequestId></Error>`);
  if (!call.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    return errorAnswer(status, code, message);
  const type = `<Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>`;
  return xml(
    status,
    'text/xml',
    `<ErrorResponse><Error>${type}${error}</Error><RequestId>local</RequestId></ErrorResponse>`,
  );
}

function xml(status: number, type: string, text: string): AwsAnswer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
  return { status, headers: { 'content-type': type }, body };
}
