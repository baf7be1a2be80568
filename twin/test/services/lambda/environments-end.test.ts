// How an invocation under way is ended from outside: by time that passes on the twin's clock, and by a kill.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, createClock } from '../../../src/core/clock.ts';
import type { Functions } from '../../../src/services/lambda/functions.ts';
import { eventually } from '../../support/eventually.ts';
import { startFunction, type TestFunction } from './fixture.ts';

/** Its time-out is Lambda's longest: no test waits for it. */
const code = `
export const handler = async (event, context) => {
  const left = context.getRemainingTimeInMillis();
  console.log(process.env.AWS_SESSION_TOKEN + ' ' + left);
  while (event.leave !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (context.getRemainingTimeInMillis() < event.leave) return left - context.getRemainingTimeInMillis();
  }
  return process.env.AWS_SESSION_TOKEN;
};`;

let clock: Clock;
let patient: TestFunction;
let functions: Functions;
beforeEach(async () => {
  clock = createClock();
  patient = await startFunction('patient', code, 900, { clock });
  functions = patient.functions;
});
afterEach(() => patient.end());

const begun = (times = 1) =>
  eventually(
    async () => patient.lines(),
    ({ length }) => length === times,
  );

it('time that passes on the clock of the twin is taken from what is left of an invocation', async () => {
  const invocation = functions.invokeByName('patient', { leave: 60_000 });
  await begun();

  clock.moveBy(-3_600_000);
  clock.moveBy(850_000);

  expect(await invocation).toBeGreaterThanOrEqual(850_000);
});

it('an invocation is over when the clock was moved past its time-out', async () => {
  const invocation = functions.invokeByName('patient', { leave: 0 }).catch((error: unknown) => error);
  await begun();

  clock.moveBy(900_000);

  expect(await invocation).toMatchObject({ payload: { errorType: 'Sandbox.Timedout' } });
  expect(functions.activity()).toMatchObject({ patient: { environments: 0, timeouts: 1 } });
});

it('an environment that is killed fails its invocation as on Lambda, and the next one begins anew', async () => {
  const environment = String(await functions.invokeByName('patient', {}));
  const invocation = functions.invokeByName('patient', { leave: 0 }).catch((error: unknown) => error);
  await begun(2);

  expect(functions.kill('patient', 'another')).toBe(false);
  expect(functions.kill('patient', environment)).toBe(true);

  expect(await invocation).toMatchObject({
    payload: {
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(
        /^RequestId: \S+ Error: Runtime exited with error: signal: killed$/,
      ),
    },
  });
  expect(await functions.invokeByName('patient', {})).not.toBe(environment);
  expect(functions.activity()).toMatchObject({ patient: { environments: 1, errors: 1, cold_starts: 2 } });
});
