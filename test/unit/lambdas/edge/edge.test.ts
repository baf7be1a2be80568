import middy from '@middy/core';
import { expect, it } from 'vitest';
import { StreamBreakerOpen, StreamUnavailable } from '../../../../adapters/record/kinesis-errors.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { fromContext } from '../../../../lambdas/edge/caller.ts';
import { type HttpAnswer, type HttpRequest, ProblemError } from '../../../../lambdas/edge/http.ts';
import { problemAnswers } from '../../../../lambdas/edge/problem-answers.ts';
import {
  MissingVariable,
  readOptionalVariable,
  readVariable,
} from '../../../../lambdas/runtime/environment.ts';
import { silentLogger } from '../../../support/meter.ts';
import { httpRequest } from '../../../support/requests.ts';

const answerTo = async (error: Error): Promise<HttpAnswer> => {
  const handler = middy<HttpRequest, HttpAnswer>()
    .use(problemAnswers(silentLogger as never))
    .handler(() => Promise.reject(error));
  return handler(httpRequest(), {} as never);
};

it('an error that the client caused is a problem document with its code and details', async () => {
  const answer = await answerTo(new ProblemError('no_valid_event', { rejected: [{ index: 0 }] }));

  expect(answer.statusCode).toBe(422);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'x-request-id': 'request-1',
  });
  expect(JSON.parse(answer.body)).toMatchObject({
    code: 'no_valid_event',
    request_id: 'request-1',
    rejected: [{ index: 0 }],
  });
});

it('an unavailable dependency is 503 with a time to retry after', async () => {
  const answer = await answerTo(new Unavailable('table arn:aws:dynamodb:secret is unavailable'));

  expect(answer.statusCode).toBe(503);
  expect(answer.headers).toMatchObject({ 'retry-after': '2' });
  expect(answer.body).not.toContain('arn:');
});

it('an overload is 503 with a code of its own', async () => {
  const answer = await answerTo(
    new StreamUnavailable({ ProvisionedThroughputExceededException: 2 }, { cause: new Error('no') }),
  );

  expect(answer.statusCode).toBe(503);
  expect(answer.headers).toMatchObject({ 'retry-after': '2' });
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'overloaded', retry_after: 2 });
  expect(answer.body).not.toContain('Provisioned');
});

it('a stream that did not answer is 503 and unavailable', async () => {
  const answer = await answerTo(new StreamUnavailable({ InternalFailure: 2 }));

  expect(JSON.parse(answer.body)).toMatchObject({ code: 'unavailable', status: 503, retry_after: 2 });
});

it('an open breaker is 503 with the time after which it admits calls', async () => {
  const answer = await answerTo(new StreamBreakerOpen(3001));

  expect(answer.statusCode).toBe(503);
  expect(answer.headers).toMatchObject({ 'retry-after': '4' });
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'unavailable', retry_after: 4 });
});

it('a bug is 500 without any internal detail', async () => {
  const answer = await answerTo(new TypeError('cannot read weir-dev-ledger of undefined'));

  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('ledger');
  expect(answer.body).not.toContain('TypeError');
});

it('a missing variable fails with its name', () => {
  expect(() => readVariable('LEDGER_TABLE', {})).toThrow(MissingVariable);
  expect(() => readVariable('LEDGER_TABLE', {})).toThrow(/LEDGER_TABLE/);
  expect(readVariable('LEDGER_TABLE', { LEDGER_TABLE: 'x' })).toBe('x');
});

it('an optional variable is undefined if it is absent or empty', () => {
  expect(readOptionalVariable('AWS_XRAY_DAEMON_ADDRESS', {})).toBeUndefined();
  expect(readOptionalVariable('AWS_XRAY_DAEMON_ADDRESS', { AWS_XRAY_DAEMON_ADDRESS: '' })).toBeUndefined();
  expect(readOptionalVariable('AWS_XRAY_DAEMON_ADDRESS', { AWS_XRAY_DAEMON_ADDRESS: 'h:1' })).toBe('h:1');
});

it('a request without an authorizer fails, because it has no caller', () => {
  expect(() => fromContext({})).toThrow(/has no caller/);
  expect(() => fromContext(undefined)).toThrow(/has no caller/);
});
