// Requests one after another on each of some connections, for what must not be noticed by clients.

import type { RunningWeir } from '../../local/weir.ts';
import { eventually } from './eventually.ts';

/** `send` makes a request with the key that is in use at the time. Returns its status. */
export function startLoad(
  twin: Pick<RunningWeir, 'clock'>,
  send: (apiKey: string) => Promise<number>,
  first: string,
  connections = 4,
) {
  let apiKey = first;
  let isOver = false;
  let pause = Promise.resolve();
  let underWay = 0;
  const statuses: number[] = [];
  const lanes = Array.from({ length: connections }, async () => {
    for (;;) {
      await pause;
      if (isOver) return;
      underWay += 1;
      statuses.push(await send(apiKey));
      underWay -= 1;
    }
  });
  return {
    /** Until every request that was under way is answered, and some after them. */
    goOn: () => {
      const enough = statuses.length + 5 * connections;
      return eventually(
        async () => statuses.length,
        (count) => count >= enough,
      );
    },
    /** Between two requests: one that is under way would have taken as long. */
    moveTimeBy: async (durationMs: number) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      pause = promise;
      await eventually(
        async () => underWay,
        (count) => count === 0,
      );
      twin.clock.moveBy(durationMs);
      resolve();
    },
    use: (other: string) => {
      apiKey = other;
    },
    end: async () => {
      isOver = true;
      await Promise.all(lanes);
      return statuses;
    },
  };
}
