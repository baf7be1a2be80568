import { expect, it } from 'vitest';
import { claimLogOfName, identityKey } from '../../domain/keys.ts';
import { placeInLog } from '../../domain/storing/claim-log.ts';
import { nowMs } from '../support/events.ts';
import { eventIdInLog, eventIdOf } from './event-ids.ts';

const tenant = { account: 'acme', environment: 'production', generation: 0 };
const some = Array.from({ length: 900 }, (_, number) => ({ number, eventId: eventIdOf(number, nowMs) }));
const placed = some.map(({ number, eventId }) => ({
  number,
  eventId,
  place: placeInLog(identityKey(tenant, eventId)),
}));

it('a third of the ids have no log, a third have one in time, and a third one of their batch', () => {
  const logs = placed.map(({ place }) => place && (place.id.length > 8 ? 'time' : 'batch'));

  const counts = [undefined, 'time', 'batch'].map((kind) => logs.filter((log) => log === kind).length);
  expect(counts).toEqual([300, 300, 300]);
  expect(new Set(some.map(({ eventId }) => eventId)).size).toBe(some.length);
});

it('ids that are far apart in their account share a log', () => {
  const far = placed.filter(({ number, place }) => number > 300 && place && place.id.length > 8);
  const near = new Set(placed.filter(({ number }) => number < 300).map(({ place }) => place?.log));

  expect(far.length).toBeGreaterThan(0);
  expect(far.every(({ place }) => near.has(place?.log))).toBe(true);
});

it('is read back from its place in a log', () => {
  for (const { eventId, place } of placed) {
    if (!place) continue;
    const { pk, window } = claimLogOfName(place.log);
    expect(eventIdInLog(pk.split('#')[3] ?? '', window, place.id)).toBe(eventId);
  }
});
