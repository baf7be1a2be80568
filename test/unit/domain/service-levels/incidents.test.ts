import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Incident,
  incidentId,
  incidentsAfter,
  isIncidentId,
  type Transition,
} from '../../../../domain/service-levels/incidents.ts';

const change = (atMs: number, isOn: boolean, alarm = 'stream-lag'): Transition => ({
  ...{ alarm, atMs, isOn },
  severity: 'page',
});
const asKept = (open: readonly Incident[], changed: readonly Incident[]) => [
  ...new Map([...open, ...changed].map((each) => [each.id, each])).values(),
];

it('an alarm that came and went between two reviews is an incident, with its duration', () => {
  const changed = incidentsAfter(
    [],
    [change(1000, true), change(61_000, false)],
    [change(61_000, false)],
    99_000,
  );

  expect(changed).toEqual([
    {
      id: incidentId('stream-lag', 1000),
      alarm: 'stream-lag',
      severity: 'page',
      fromMs: 1000,
      toMs: 61_000,
      notes: [],
    },
  ]);
});

it('one that is on stays open, and ends when its state says so though its history is lost', () => {
  const [open] = incidentsAfter([], [], [change(1000, true)], 2000);
  expect(open?.toMs).toBeUndefined();

  expect(incidentsAfter([open as Incident], [], [change(5000, false)], 9000)).toEqual([
    { ...open, toMs: 5000 },
  ]);
});

it('of an alarm that is gone ends now', () => {
  const [open] = incidentsAfter([], [], [change(1000, true)], 2000);

  expect(incidentsAfter([open as Incident], [], [], 9000)).toEqual([{ ...open, toMs: 9000 }]);
});

it('to read history again changes nothing, wherever the reviews were', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 5 }),
      (gaps, reviews) => {
        let atMs = 0;
        const history = gaps.map((gap, index) => {
          atMs += gap * 1000;
          return change(atMs, index % 2 === 0);
        });
        let kept: readonly Incident[] = [];
        for (const nowMs of [...reviews.map((each) => each * 1000).toSorted((a, b) => a - b), 601_000]) {
          const seen = history.filter((each) => each.atMs < nowMs);
          const open = kept.filter(({ toMs }) => toMs === undefined);
          const states = [seen.at(-1) ?? change(0, false)];
          kept = asKept(kept, incidentsAfter(open, seen, states, nowMs));
        }
        const expected = history.flatMap((each, index) =>
          each.isOn ? [{ fromMs: each.atMs, toMs: history[index + 1]?.atMs }] : [],
        );
        expect(
          kept.map(({ fromMs, toMs }) => ({ fromMs, toMs })).toSorted((a, b) => a.fromMs - b.fromMs),
        ).toEqual(expected);
      },
    ),
    { seed: 22 },
  );
});

it('ids sort by time, and nothing else in their partition is one', () => {
  expect(isIncidentId(incidentId('stream-lag', Date.UTC(2026, 10, 30, 23, 5)))).toBe(true);
  expect(incidentId('stream-lag', Date.UTC(2026, 10, 30, 23, 5))).toBe('20261130T230500Z-stream-lag');
  expect(isIncidentId('reviewed')).toBe(false);
});
