// Kills the consumer at each call that storing a record takes, before and after the call takes effect, one rung after
// another. Several shards climb at once: each record is alone in its invocation.

import { createHash } from 'node:crypto';
import { streamKey, tenantKey } from '../../domain/keys.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { planAlike, planFirstAlike } from './plan.ts';
import type { Senders } from './senders.ts';
import type { Settlement } from './settlement.ts';
import type { StreamLog } from './stream-log.ts';

export type Ladder = {
  readonly twin: RunningWeir;
  readonly senders: Senders;
  readonly log: StreamLog;
  readonly settlement: Settlement;
  readonly accounts: readonly string[];
};

type Rung = { readonly skip: number; readonly moment: 'before' | 'after' };

export const environment = 'production';

/** Returns the number of rungs, and those on which nothing was killed. */
export async function climb(
  ladder: Ladder,
): Promise<{ readonly rungs: number; readonly missed: readonly Rung[] }> {
  const { twin, senders, log, settlement, accounts } = ladder;
  const settle = async () => {
    await log.refresh();
    await settlement.reached();
  };
  await senders.send(accounts.map(planFirstAlike));
  await settle();
  const climbers = onePerShard(accounts);
  let sent = 0;
  const next = (account: string) => {
    sent += 1;
    return planAlike(account, sent);
  };
  twin.resetCalls();
  await senders.send(climbers.slice(0, 1).map(next));
  await settle();
  const calls = Object.values(twin.calls().consume ?? {}).reduce((sum, each) => sum + each.calls, 0);
  const rungs = Array.from({ length: calls }, (_, skip) => skip).flatMap((skip): Rung[] => [
    { skip, moment: 'before' },
    { skip, moment: 'after' },
  ]);
  const missed: Rung[] = [];
  for (let first = 0; first < rungs.length; first += climbers.length) {
    const some = rungs.slice(first, first + climbers.length);
    const kills = some.map(({ skip, moment }, index) =>
      twin.faults.inject({
        on: {
          caller: 'consume',
          text: tenantKey({ account: climbers[index] ?? '', environment, generation: 0 }),
        },
        do: { kind: 'kill', moment },
        when: { skip, times: 1 },
      }),
    );
    await senders.send(climbers.slice(0, some.length).map(next));
    await settle();
    missed.push(...some.filter((_, index) => kills[index]?.met() === 0));
    for (const kill of kills) kill.remove();
  }
  return { rungs: rungs.length, missed };
}

/** An on-demand stream starts with four equal shards. */
function onePerShard(accounts: readonly string[]): readonly string[] {
  const byShard = Map.groupBy(accounts, (account) => {
    const key = streamKey({ account, environment, generation: 0 }, 0, false);
    return createHash('md5').update(key).digest().readUInt8() >> 6;
  });
  return [...byShard.values()].flatMap(([first]) => first ?? []);
}
