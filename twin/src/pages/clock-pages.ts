// The pages that read and move the clock.

import { type Clock, ClockOutOfRange } from '../core/clock.ts';
import { type Pages, WrongInput } from './pages.ts';

export function clockPages(clock: Clock): Pages {
  const time = () => ({ now: new Date(clock.now()).toISOString(), ahead_ms: clock.aheadMs });
  return {
    'GET /clock': {
      about: 'the time that everything but tables, buckets and queues goes by',
      answer: time,
    },
    'POST /clock': {
      about: 'moves it: {"advance_ms": 3600000} or {"to": "2027-01-01T00:00:00Z"}',
      answer: (input) => {
        move(clock, input);
        return time();
      },
    },
    'DELETE /clock': {
      about: 'back to the time of this machine',
      answer: () => {
        clock.reset();
        return time();
      },
    },
  };
}

const howToMove = 'Send {"advance_ms": 3600000} or {"to": "2027-01-01T00:00:00Z"}.';
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

function move(clock: Clock, input: string): void {
  const { advance_ms: advanceMs, to } = parse(input);
  if ((advanceMs === undefined) === (to === undefined)) throw new WrongInput(howToMove);
  try {
    if (typeof advanceMs === 'number') clock.moveBy(advanceMs);
    else if (typeof to === 'string' && dateTime.test(to)) clock.moveTo(Date.parse(to));
    else throw new WrongInput(howToMove);
  } catch (error) {
    throw error instanceof ClockOutOfRange ? new WrongInput(error.message) : error;
  }
}

function parse(input: string): { readonly advance_ms?: unknown; readonly to?: unknown } {
  try {
    return JSON.parse(input) ?? {};
  } catch {
    return {};
  }
}
