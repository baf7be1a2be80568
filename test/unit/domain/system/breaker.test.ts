import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AdmittedCall, Breaker, streamBreaker } from '../../../../domain/system/breaker.ts';
import { TestClock } from '../../../support/clock.ts';

const { failures, failingMs, firstOpenMs, maxOpenMs } = streamBreaker;
let clock: TestClock;
let openings: number;
let breaker: Breaker;
beforeEach(start);

function start() {
  clock = new TestClock(0);
  openings = 0;
  breaker = new Breaker({
    clock,
    settings: streamBreaker,
    onOpen: () => {
      openings += 1;
    },
  });
}

/** `+` is a call that succeeds, `-` one that fails, and a number is time that passes. */
type Step = '+' | '-' | number;

/** Returns the calls, with an `x` for each that was refused. */
function play(...steps: readonly Step[]): string {
  return steps
    .map((step) => {
      if (typeof step === 'number') {
        clock.nowMs += step;
        return '';
      }
      const call = breaker.admit();
      if (!call) return 'x';
      if (step === '+') call.succeeded();
      else call.failed();
      return step;
    })
    .join('');
}

const openIt = () => play('-', '-', failingMs, '-');

it.each<[string, Step[], string]>([
  ['many failures at once do not open it', ['-', '-', '-', '-', '-', '+'], '-----+'],
  ['two failures far apart do not open it', ['-', 60_000, '-', '+'], '--+'],
  ['three failures over two seconds open it', ['-', 1000, '-', 1000, '-', '+'], '---x'],
  ['a millisecond less does not', ['-', 1000, '-', 999, '-', '+'], '---+'],
  ['the failure that makes it two seconds does', ['-', '-', '-', '-', 2000, '-', '+'], '-----x'],
  ['a success between them starts the count again', ['-', '-', '+', 2000, '-', '-', '+'], '--+--+'],
  ['it stays open for a second', ['-', '-', 2000, '-', 999, '+'], '---x'],
  ['then a probe that succeeds closes it', ['-', '-', 2000, '-', 1000, '+', '-', '+'], '---+-+'],
  ['a probe that fails doubles the wait', ['-', '-', 2000, '-', 1000, '-', 1999, '+', 1, '+'], '----x+'],
  [
    'up to eight seconds',
    ['-', '-', 2000, '-', 1000, '-', 2000, '-', 4000, '-', 8000, '-', 7999, '+', 1, '+'],
    '-------x+',
  ],
  [
    'a success resets the time that it stays open',
    ['-', '-', 2000, '-', 1000, '-', 2000, '+', '-', '-', 2000, '-', 1000, '+'],
    '----+---+',
  ],
])('%s', (_, steps, expected) => {
  expect(play(...steps)).toBe(expected);
});

describe('while it probes', () => {
  beforeEach(() => {
    openIt();
    clock.nowMs += firstOpenMs;
  });

  it('admits one call at a time', () => {
    const probe = breaker.admit();

    expect(probe).toBeDefined();
    expect(breaker.admit()).toBeUndefined();
    expect(breaker.refusesForMs()).toBeGreaterThan(0);

    probe?.succeeded();
    expect(breaker.refusesForMs()).toBe(0);
  });

  it('does not open again for a failed call that was admitted before it opened', () => {
    start();
    const early = breaker.admit();
    openIt();
    clock.nowMs += firstOpenMs;
    breaker.admit();

    early?.failed();

    expect(openings).toBe(1);
  });

  it('reports each opening', () => {
    expect(openings).toBe(1);
    play('-', 2000, '-', 4000, '+');
    expect(openings).toBe(3);
  });
});

it('is closed by a successful call that was admitted before it opened', () => {
  const early = breaker.admit();
  openIt();

  early?.succeeded();

  expect(play('+')).toBe('+');
});

it('returns how long it refuses calls', () => {
  expect(breaker.refusesForMs()).toBe(0);
  openIt();
  expect(breaker.refusesForMs()).toBe(firstOpenMs);
  clock.nowMs += 400;
  expect(breaker.refusesForMs()).toBe(600);
});

/** The next step: begin a call, end one in flight, or let time pass. */
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'begin' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(5), failed: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(3000) }) },
);

it('keeps its promises whatever calls overlap, fail and end late', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => {
      start();
      const underWay: { call: AdmittedCall; isProbe: boolean }[] = [];
      let failuresInRow = 0;
      let firstFailureMs = 0;
      /** When it last opened, as this test sees it. */
      let openedMs: number | undefined;
      for (const step of steps) {
        const before = openings;
        if (step.kind === 'wait') clock.nowMs += step.ms;
        if (step.kind === 'begin') {
          const call = breaker.admit();
          if (openedMs === undefined) expect(call).toBeDefined();
          if (openedMs !== undefined && clock.nowMs - openedMs < firstOpenMs) expect(call).toBeUndefined();
          const probes = underWay.filter(({ isProbe }) => isProbe).length;
          if (openedMs !== undefined && clock.nowMs - openedMs >= maxOpenMs && probes === 0) {
            expect(call).toBeDefined();
          }
          const isProbe = openedMs !== undefined;
          if (call && isProbe) expect(probes).toBe(0);
          if (call) underWay.push({ call, isProbe });
        }
        if (step.kind === 'end' && underWay.length > 0) {
          const [ended] = underWay.splice(step.which % underWay.length, 1);
          if (step.failed) {
            if (failuresInRow === 0) firstFailureMs = clock.nowMs;
            failuresInRow += 1;
            ended?.call.failed();
          } else {
            failuresInRow = 0;
            openedMs = undefined;
            ended?.call.succeeded();
            expect(breaker.refusesForMs()).toBe(0);
            // A probe of an earlier opening is a call like any other.
            for (const other of underWay) other.isProbe = false;
          }
        }
        if (openings > before) {
          expect(failuresInRow).toBeGreaterThanOrEqual(failures);
          expect(clock.nowMs - firstFailureMs).toBeGreaterThanOrEqual(failingMs);
          openedMs = clock.nowMs;
        }
        expect(breaker.refusesForMs()).toBeLessThanOrEqual(maxOpenMs);
      }
    }),
  );
});
