// Ports whose calls crash the process, fail as unavailable, or wait for their turn among the calls of another process.

import { Unavailable } from '../../../../domain/system/unavailable.ts';
import type { SettleDeps } from '../../../../lambdas/settle/settle.ts';

export class Died extends Error {
  override readonly name = 'Died';
}

type Around = { readonly before: () => unknown; readonly after: () => unknown };

const ports = ['identities', 'pages', 'lanes', 'quarantine', 'failedRecords'] as const;

function wrapped(deps: SettleDeps, around: Around): SettleDeps {
  const own = ports.map((name) => [name, watched(deps[name], around)] as const);
  return { ...deps, ...Object.fromEntries(own) };
}

function watched<Port extends object>(port: Port, { before, after }: Around): Port {
  return new Proxy(port, {
    get: (_, name) => {
      const member = Reflect.get(port, name, port);
      if (typeof member !== 'function') return member;
      if (name === 'list' || name === 'jobs')
        return async function* list(...given: unknown[]) {
          await before();
          yield* member.apply(port, given);
        };
      return async (...given: unknown[]) => {
        await before();
        const answer = await member.apply(port, given);
        await after();
        return answer;
      };
    },
  });
}

/** How a call fails: whether it takes effect, and whether the process makes any call after it. */
export const failures = [
  { what: 'the process dies before', effect: false, dies: true },
  { what: 'the process dies after', effect: true, dies: true },
  { what: 'a dependency is unavailable at', effect: false, dies: false },
  { what: 'the answer is lost of', effect: true, dies: false },
] as const;

export function failingAt(deps: SettleDeps, at: number, failure: (typeof failures)[number]) {
  let calls = 0;
  const error = () => (failure.dies ? new Died() : new Unavailable('unavailable'));
  const fail = () => {
    throw error();
  };
  const failing = wrapped(deps, {
    before: () => {
      calls += 1;
      if ((calls === at && !failure.effect) || (failure.dies && calls > at)) fail();
    },
    after: () => {
      if (calls === at && failure.effect) fail();
    },
  });
  return { deps: failing, reached: () => calls >= at };
}

/** Runs two processes at once, one call at a time, in the order of the turns. */
export async function interleave(
  deps: SettleDeps,
  processes: readonly [(deps: SettleDeps) => Promise<unknown>, (deps: SettleDeps) => Promise<unknown>],
  turns: readonly boolean[],
): Promise<void> {
  const lanes = processes.map((run) => {
    const waiting: (() => void)[] = [];
    let noticed = () => {};
    const lane = { waiting, over: false, notice: () => noticed(), next: () => Promise.resolve() };
    lane.next = () =>
      new Promise<void>((resolve) => {
        noticed = resolve;
        if (lane.over || waiting.length > 0) resolve();
      });
    const before = () =>
      new Promise<void>((go) => {
        waiting.push(go);
        lane.notice();
      });
    const end = run(wrapped(deps, { before, after: () => undefined })).finally(() => {
      lane.over = true;
      lane.notice();
    });
    return { lane, end };
  });
  for (let turn = 0; lanes.some(({ lane }) => !lane.over); turn += 1) {
    const chosen = lanes[turns[turn % turns.length] ? 1 : 0];
    const own = chosen && !chosen.lane.over ? chosen : lanes.find(({ lane }) => !lane.over);
    await own?.lane.next();
    own?.lane.waiting.shift()?.();
    await new Promise(setImmediate);
  }
  await Promise.all(lanes.map(({ end }) => end));
}
