import { setTimeout as sleep } from 'node:timers/promises';

/** Until nothing runs behind the stream any more, whose work would be counted as the next kind's. */
export async function quiet(url: string): Promise<void> {
  for (;;) {
    const { consume } = (await (await fetch(`${url}/_weir/functions`)).json()) as {
      consume: { busy: number };
    };
    if (consume.busy === 0) return;
    await sleep(50);
  }
}
