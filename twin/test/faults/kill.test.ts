// A function that is ended at a call: before it was forwarded, and after it took effect.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { createClock } from '../../src/core/clock.ts';
import { authorizationFor } from '../../src/core/engine-call.ts';
import { jsonAnswer } from '../../src/core/proxy/aws-call.ts';
import type { AwsProxy } from '../../src/core/proxy/aws-proxy.ts';
import { createCallers } from '../../src/core/proxy/identify.ts';
import { Faults } from '../../src/faults/faults.ts';
import { connectedProxy } from '../fixture.ts';
import { startFunction, type TestFunction } from '../services/lambda/fixture.ts';

/** Writes three times, and says so whatever becomes of a write. */
const code = `
export const handler = async () => {
  for (let write = 0; write < 3; write += 1) {
    const outcome = await fetch(process.env.AWS_ENDPOINT_URL, {
      method: 'POST',
      headers: {
        authorization: ${JSON.stringify(authorizationFor('dynamodb', 'WEIRWRITER'))},
        'x-amz-security-token': process.env.AWS_SESSION_TOKEN,
        'x-amz-target': 'DynamoDB_20120810.PutItem',
      },
      body: '{}',
    }).then(({ status }) => status, (error) => error.message);
    console.log('heard of write ' + write + ': ' + outcome);
  }
  return process.env.AWS_SESSION_TOKEN;
};`;

let written: (string | undefined)[];
let faults: Faults;
let proxy: AwsProxy;
let writer: TestFunction;

beforeEach(async () => {
  written = [];
  const clock = createClock();
  const callers = createCallers();
  faults = new Faults({ clock, kill: (label, environmentId) => writer.functions.kill(label, environmentId) });
  proxy = connectedProxy({
    callers,
    report: () => undefined,
    steps: [faults.step],
    destinations: {
      dynamodb: {
        answer: async ({ environment }) => {
          written.push(environment);
          return jsonAnswer(200, {});
        },
      },
    },
  });
  await proxy.start();
  writer = await startFunction('writer', code, 30, { clock, callers, proxy });
});
afterEach(async () => {
  await writer.end();
  await proxy.end();
});

const heard = () =>
  writer
    .lines()
    .filter((line) => line.includes('heard of'))
    .map((line) => line.slice(line.indexOf('heard')));

it.each([
  ['before', 1],
  ['after', 2],
] as const)(
  'a kill %s the second write ends the function there, and it never hears of it',
  async (moment, writes) => {
    const kill = faults.inject({
      on: { caller: 'writer', operation: 'PutItem' },
      do: { kind: 'kill', moment },
      when: { skip: 1, times: 1 },
    });

    const failure = await writer.invoke().catch((error: unknown) => error);

    expect(failure).toMatchObject({
      payload: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('signal: killed') },
    });
    expect(kill.met()).toBe(1);
    const next = await writer.invoke();
    expect(written).toHaveLength(writes + 3);
    expect(written.slice(0, writes)).not.toContain(next);
    expect(written.slice(writes)).toEqual([next, next, next]);
    expect(heard()).toEqual([
      'heard of write 0: 200',
      'heard of write 0: 200',
      'heard of write 1: 200',
      'heard of write 2: 200',
    ]);
  },
);
