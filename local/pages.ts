// The twin's own pages beside the API, under /_weir/: what it counted, what runs in it, and its clock.

import type { IncomingMessage } from 'node:http';
import { type Clock, ClockOutOfRange } from './clock.ts';
import type { FunctionActivity } from './functions/deployed-function.ts';
import type { GatewayAnswer } from './gateway/gateway-responses.ts';
import { BodyTooLarge, readBody } from './http/read-body.ts';
import type { CallMeter } from './proxy/call-meter.ts';

type Page = { readonly about: string; readonly answer: (input: string) => unknown };

export type PagesOptions = {
  readonly meter: Pick<CallMeter, 'calls' | 'reset'>;
  readonly clock: Clock;
  readonly activity: () => Readonly<Record<string, FunctionActivity>>;
};

class WrongInput extends Error {
  override readonly name = 'WrongInput';
}

const maxInputBytes = 10_000;

export function createPages({ meter, clock, activity }: PagesOptions) {
  const time = () => ({ now: new Date(clock.now()).toISOString(), ahead_ms: clock.aheadMs });
  const pages: Readonly<Record<string, Page>> = {
    'GET /_weir/calls': {
      about: 'AWS calls by function and operation: calls, errors, items, capacity units, bytes, time',
      answer: () => meter.calls(),
    },
    'DELETE /_weir/calls': { about: 'starts that count afresh', answer: () => meter.reset() },
    'GET /_weir/functions': {
      about: 'what runs of each function: environments, and how its invocations went',
      answer: activity,
    },
    'GET /_weir/clock': { about: 'the time that functions, schedules and quotas go by', answer: time },
    'POST /_weir/clock': {
      about: 'moves it: {"advance_ms": 3600000} or {"to": "2027-01-01T00:00:00Z"}',
      answer: (input) => {
        move(clock, input);
        return time();
      },
    },
    'DELETE /_weir/clock': {
      about: 'back to the time of this machine',
      answer: () => {
        clock.reset();
        return time();
      },
    },
  };
  const index = Object.fromEntries(Object.entries(pages).map(([name, { about }]) => [name, about]));
  /** Undefined where the path is none of the twin's own. */
  return (request: IncomingMessage): Promise<GatewayAnswer> | undefined => {
    const path = (request.url ?? '/').split('?')[0] ?? '';
    if (path !== '/_weir' && !path.startsWith('/_weir/')) return undefined;
    if (isForeign(request))
      return Promise.resolve(json(403, { error: 'This page is not for other origins.' }));
    const page = pages[`${request.method} ${path}`];
    return page === undefined
      ? Promise.resolve(json(path.replace(/\/$/, '') === '/_weir' ? 200 : 404, { pages: index }))
      : open(page, request);
  };
}

/** Any page in a browser may send a form here; only the twin's own may have what it asks for. */
function isForeign({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined && headers.origin !== `http://${headers.host}`;
}

async function open(page: Page, request: IncomingMessage): Promise<GatewayAnswer> {
  try {
    return json(200, page.answer((await readBody(request, maxInputBytes)).toString()) ?? {});
  } catch (error) {
    if (error instanceof WrongInput || error instanceof ClockOutOfRange || error instanceof BodyTooLarge)
      return json(400, { error: error.message });
    throw error;
  }
}

const howToMove = 'Send {"advance_ms": 3600000} or {"to": "2027-01-01T00:00:00Z"}.';
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

function move(clock: Clock, input: string): void {
  const { advance_ms: advanceMs, to } = parse(input);
  if ((advanceMs === undefined) === (to === undefined)) throw new WrongInput(howToMove);
  if (typeof advanceMs === 'number') clock.moveBy(advanceMs);
  else if (typeof to === 'string' && dateTime.test(to)) clock.moveTo(Date.parse(to));
  else throw new WrongInput(howToMove);
}

function parse(input: string): { readonly advance_ms?: unknown; readonly to?: unknown } {
  try {
    return JSON.parse(input) ?? {};
  } catch {
    return {};
  }
}

function json(status: number, value: unknown): GatewayAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`),
  };
}
