import { afterEach, expect, it } from 'vitest';
import { createClock } from '../../../src/core/clock.ts';
import { functionSource } from '../../../src/services/lambda/function-metrics.ts';
import { keptMetrics } from '../../fixture.ts';
import { startFunction, type TestFunction } from './fixture.ts';

let running: TestFunction | undefined;
afterEach(async () => {
  await running?.end();
  running = undefined;
});

const ofFunction = { FunctionName: 'weir-dev-work' };

it('measures each invocation at the time when it began, with 0 for the error that it is not', async () => {
  const clock = createClock();
  clock.moveTo(Date.UTC(2030, 0, 1));
  const metrics = keptMetrics();
  const code = 'export const handler = async ({ fails }) => { if (fails) throw new Error("boom"); };';
  running = await startFunction('work', code, 5, { clock, metrics: metrics.sink });

  await running.invoke({});
  await expect(running.invoke({ fails: true })).rejects.toThrow('boom');

  expect(metrics.sums(ofFunction)).toMatchObject({ Invocations: 2, Errors: 1, Throttles: 0 });
  const durations = metrics.kept.filter(({ name }) => name === 'Duration');
  expect(durations).toHaveLength(2);
  for (const { unit, value, timestampMs } of durations) {
    expect(unit).toBe('Milliseconds');
    expect(value).toBeGreaterThan(0);
    expect(new Date(timestampMs).getUTCFullYear()).toBe(2030);
  }
});

it('measures a throttle, and no invocation with it, while nothing is reserved for the function', async () => {
  const metrics = keptMetrics();
  const code = 'export const handler = async () => "done";';
  running = await startFunction('work', code, 5, { metrics: metrics.sink });
  const deployed = running.functions.named('weir-dev-work');
  if (deployed === undefined) throw new Error('There is no such function.');
  expect(await running.invoke()).toBe('done');

  deployed.reservedConcurrency = 0;
  await expect(running.invoke()).rejects.toThrow('no environment is free, of 0');
  expect(metrics.sums(ofFunction)).toMatchObject({ Invocations: 1, Throttles: 1 });

  deployed.reservedConcurrency = undefined;
  expect(await running.invoke()).toBe('done');
});

it('tells the invocations of an alias by the function and by the alias', () => {
  expect(functionSource('work').dimensionSets).toEqual([{ FunctionName: 'work' }]);
  expect(functionSource('work', 'live').dimensionSets).toEqual([
    { FunctionName: 'work' },
    { FunctionName: 'work', Resource: 'work:live' },
  ]);
});
