import { afterEach, beforeEach, expect, it } from 'vitest';
import { createClock } from '../../src/core/clock.ts';
import { Outages } from '../../src/core/outages.ts';
import { AnswerLost, type AwsAnswer, errorAnswer, jsonAnswer } from '../../src/core/proxy/aws-call.ts';
import { awsCall } from '../faults/fixture.ts';
import { eventually } from '../support/eventually.ts';

const clock = createClock();
let reports: string[];
let outages: Outages;

beforeEach(() => {
  reports = [];
  outages = new Outages({ clock, report: (problem) => reports.push(problem) });
});
afterEach(() => outages.end());

const dynamoDb = awsCall({ service: 'dynamodb', operation: 'GetItem' });
const pass = (answer: AwsAnswer | AnswerLost) =>
  outages
    .step(dynamoDb, async () => {
      if (answer instanceof AnswerLost) throw answer;
      return answer;
    })
    .catch(() => undefined);
const serverError = errorAnswer(500, 'InternalServerError', 'no');

it('an outage is told once when it begins, and once when it is over, with what it was', async () => {
  for (let call = 0; call < 40; call += 1) {
    await pass(serverError);
    clock.moveBy(300);
  }
  expect(reports).toEqual(['dynamodb fails for ingest: InternalServerError']);

  await pass(jsonAnswer(200, {}));
  clock.moveBy(2000);
  await eventually(
    async () => reports,
    ({ length }) => length === 2,
  );

  expect(reports[1]).toMatch(/^dynamodb no longer fails for ingest: 40 failures in 12\.\d s$/);
});

it.each<[name: string, answer: AwsAnswer | AnswerLost, cause: string]>([
  [
    'throttles',
    errorAnswer(400, 'ProvisionedThroughputExceededException', ''),
    'ProvisionedThroughputExceededException',
  ],
  ['lost answers', new AnswerLost(), 'the connection was cut'],
  [
    'an engine that is gone',
    errorAnswer(503, 'ServiceUnavailable', 'The local engine did not answer: ECONNREFUSED'),
    'ServiceUnavailable',
  ],
  [
    'errors in XML',
    { status: 503, headers: {}, body: Buffer.from('<Error><Code>SlowDown</Code></Error>') },
    'SlowDown',
  ],
])('%s are an outage', async (_name, answer, cause) => {
  for (let call = 0; call < 4; call += 1) {
    await pass(answer);
    clock.moveBy(500);
  }

  expect(reports).toEqual([`dynamodb fails for ingest: ${cause}`]);
});

it('a failure or two, and refusals of what was asked, are none', async () => {
  await pass(serverError);
  clock.moveBy(1500);
  await pass(serverError);
  for (let call = 0; call < 10; call += 1) {
    await pass(errorAnswer(400, 'ConditionalCheckFailedException', 'no'));
    await pass(jsonAnswer(200, {}));
    clock.moveBy(500);
  }

  expect(reports).toEqual([]);
});

it('what goes on to fail after a pause, and without a success, is one outage', async () => {
  for (let call = 0; call < 5; call += 1) {
    await pass(serverError);
    clock.moveBy(10_000);
  }

  expect(reports).toEqual(['dynamodb fails for ingest: InternalServerError']);
});

it('what works between two failures was no outage', async () => {
  for (let call = 0; call < 5; call += 1) {
    await pass(serverError);
    await pass(jsonAnswer(200, {}));
    clock.moveBy(60_000);
    // Timers of the clock run in order: the outage is over when this one has run.
    await new Promise<void>((resolve) => clock.after(0, resolve));
  }

  expect(reports).toEqual([]);
});

it('a service that fails in part is told as one outage', async () => {
  for (let call = 0; call < 40; call += 1) {
    await pass(call % 2 === 0 ? serverError : jsonAnswer(200, {}));
    clock.moveBy(200);
  }

  expect(reports).toEqual(['dynamodb fails for ingest: InternalServerError']);
});

it('each service and function has an outage of its own, and the end tells nothing', async () => {
  for (let call = 0; call < 4; call += 1) {
    await pass(serverError);
    outages.failed('the function read', 'TypeError: boom');
    clock.moveBy(500);
  }
  await outages.end();
  clock.moveBy(5000);

  expect(reports).toEqual([
    'dynamodb fails for ingest: InternalServerError',
    'the function read fails: TypeError: boom',
  ]);
});

it('an outage names who met it, and that a fault rule alone made it', async () => {
  const injected = { ...serverError, isInjected: true };
  const passFor = (caller: string, answer: AwsAnswer) =>
    outages.step({ ...dynamoDb, caller }, async () => answer);
  for (const caller of ['consume', 'read', 'consume', 'read']) {
    await passFor(caller, injected);
    clock.moveBy(500);
  }
  expect(reports).toEqual(['dynamodb fails for consume, read by an injected fault: InternalServerError']);

  await outages.end();
  for (const caller of ['a', 'b', 'c', 'd', 'e']) {
    await passFor(caller, caller === 'c' ? serverError : injected);
    clock.moveBy(300);
  }

  expect(reports[1]).toBe('dynamodb fails for a, b, c and 2 more: InternalServerError');
});
