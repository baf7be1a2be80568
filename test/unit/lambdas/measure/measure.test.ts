import { expect, it } from 'vitest';
import { MemoryAccountLevels } from '../../../../adapters/service-levels/memory-account-levels.ts';
import { sumLevels } from '../../../../domain/service-levels/account-levels.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { createMeasure, type MeasureDeps } from '../../../../lambdas/measure/measure.ts';
import { accessLine, delivered, logDelivery } from '../../../support/access-lines.ts';
import { TestClock } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';
import { tenantOf } from '../../../support/lanes.ts';
import { silentLogger, TestMeter } from '../../../support/meter.ts';

function start(overrides: Partial<MeasureDeps> = {}) {
  const levels = new MemoryAccountLevels();
  const meter = new TestMeter();
  const measure = createMeasure({
    levels,
    meter,
    clock: new TestClock(nowMs),
    logger: silentLogger,
    ...overrides,
  });
  const sum = async (account = 'acme') =>
    sumLevels(await levels.hours(tenantOf(account), { fromMs: nowMs - dayMs, toMs: nowMs + dayMs }, nowMs));
  return { measure, sum, meter };
}

it('adds up the lines of a delivery by account, once, however often it comes', async () => {
  const { measure, sum } = start();
  const failed = accessLine({ status: '500', accountId: 'other', responseLatencyMs: '700' });
  const delivery = logDelivery([accessLine(), accessLine(), failed]);

  await measure(delivery);
  await measure(delivery);

  expect(await sum()).toEqual({ 'ingest.answered': 2, 'ingest.ms50': 2 });
  expect(await sum('other')).toEqual({ 'ingest.failed': 1, 'ingest.ms1000': 1 });
});

it('counts the same lines again if they are other events of the log', async () => {
  const { measure, sum } = start();

  await measure(logDelivery([accessLine()], 0));
  await measure(logDelivery([accessLine()], 1));

  expect(await sum()).toMatchObject({ 'ingest.answered': 2 });
});

it('counts the good lines beside bad ones, and says how many are bad', async () => {
  const { measure, sum, meter } = start();

  await measure(logDelivery(['no JSON', accessLine(), accessLine({ generation: '-' })]));

  expect(await sum()).toMatchObject({ 'ingest.answered': 1 });
  expect(meter.total(metricNames.unreadableLines)).toBe(2);
});

it.each([
  ['no base64 of gzip', { awslogs: { data: 'AAAA' } }],
  ['no list of events', delivered({ messageType: 'DATA_MESSAGE' })],
  ['nothing', {}],
])('passes over a delivery with %s: to try it again would not help', async (_, event) => {
  const { measure, meter } = start();

  await expect(measure(event as never)).resolves.toBeUndefined();
  expect(meter.total(metricNames.unreadableLines)).toBe(1);
});

it('writes nothing for a control message, nor for requests of nobody', async () => {
  const add = () => Promise.reject(new Error('nothing is to be added'));
  const { measure, meter } = start({ levels: { add } });

  await measure(delivered({ messageType: 'CONTROL_MESSAGE', logEvents: [{ id: '1', message: 'check' }] }));
  await measure(logDelivery([accessLine({ accountId: '-', status: '401' })]));

  expect(meter.total(metricNames.unreadableLines)).toBe(0);
});

it('fails where the table is away, so that Lambda tries again', async () => {
  const { measure } = start({ levels: { add: () => Promise.reject(new Unavailable('away')) } });

  await expect(measure(logDelivery([accessLine()]))).rejects.toThrow(Unavailable);
});
