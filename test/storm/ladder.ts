// Kills the consumer after each call that storing a record takes, one rung after another. A kill before a call leaves what
// one after the call before it leaves. Several shards climb at once: each record is alone in its invocation.

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

export const environment = 'production';

/** Up to a height that no record has. Returns on how many rungs it was killed. */
export async function climb(ladder: Ladder): Promise<number> {
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
  let killed = 0;
  for (let first = 0, met = 1; met > 0; first += climbers.length) {
    const kills = climbers.map((account, index) =>
      twin.faults.inject({
        on: { caller: 'consume', text: tenantKey({ account, environment, generation: 0 }) },
        do: { kind: 'kill', moment: 'after' },
        when: { skip: first + index, times: 1 },
      }),
    );
    await senders.send(climbers.map(next));
    await settle();
    met = kills.filter((kill) => kill.met() > 0).length;
    killed += met;
    for (const kill of kills) kill.remove();
  }
  return killed;
}

/** An on-demand stream starts with four equal shards. */
function onePerShard(accounts: readonly string[]): readonly string[] {
  const byShard = Map.groupBy(accounts, (account) => {
    const key = streamKey({ account, environment, generation: 0 }, 0, false);
    return createHash('md5').update(key).digest().readUInt8() >> 6;
  });
  return [...byShard.values()].flatMap(([first]) => first ?? []);
}
