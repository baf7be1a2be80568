import { expect, it } from 'vitest';
import { dollarsPerHour, loadOf } from '../../../../domain/accounts/load.ts';
import { emptyIntake } from '../../../../domain/documents/intake.ts';
import { unitsOfIntake, unitsOfWeight, weightOf } from '../../../../domain/limits/batch-weight.ts';
import { hourMs } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';

it('a load is a mean of the time that it came in', () => {
  const intake = { ...emptyIntake, received: 7200, records: 3600, bytes: 36_000, stored: 1 };

  expect(loadOf(intake, hourMs)).toEqual({ events: 2, records: 1, bytes: 10 });
});

it('small batches cost more than large ones of as many events', () => {
  const ofOne = dollarsPerHour({ events: 100, records: 100, bytes: 10_000 });

  expect(ofOne).toBeGreaterThan(3 * dollarsPerHour({ events: 100, records: 1, bytes: 10_000 }));
  expect(dollarsPerHour({ events: 0, records: 0, bytes: 0 })).toBe(0);
});

it('a million events in batches of 100 cost about what they were measured to', () => {
  const perMillion = dollarsPerHour({ events: 1e6 / 3600, records: 1e4 / 3600, bytes: 1e8 / 3600 });

  expect(perMillion).toBeGreaterThan(0.6);
  expect(perMillion).toBeLessThan(0.95);
});

it.each([1, 10, 100, 500])('%i live events with random ids cost what their batch weighs', (count) => {
  const events = Array.from({ length: count }, (_, index) => ({
    event_id: `random ${index}`,
    timestamp: nowMs,
  }));
  const data = new Uint8Array(150 * count);
  const tenant = { account: 'acme', environment: 'production', generation: 0 };
  const weight = weightOf({ tenant, receivedAtMs: nowMs, events, records: [{ data }] });

  const units = unitsOfIntake({ received: count, records: 1, bytes: data.length });

  expect(units / (weight * unitsOfWeight)).toBeCloseTo(1, 0);
});
