// The hottest shard under Zipf load: 1,000 accounts, the heaviest of which sends 18 % of all. With one slot each, with four
// slots by hand for the ten heaviest, and with what the advisor makes of it, a step an hour. A simulation with the real keys
// and the real advice, the mean of 50 seeds. `npm run bench:hotspots`.

import { mostSlotsOfAccount } from '../domain/accounts/tiers.ts';
import { advised, hottestOf, mean, type Sender, sendersOf } from './hotspots-bench/spread.ts';
import { report } from './support/held.ts';

const seeds = 50;
const byHand = (senders: readonly Sender[]) =>
  senders.map((sender, rank) => (rank < 10 ? { ...sender, slots: 4 } : sender));
const advisor = (steps: number) => (senders: readonly Sender[]) =>
  Array.from({ length: steps }).reduce<readonly Sender[]>((now) => advised(now, mostSlotsOfAccount), senders);

const ways = {
  'one slot each': advisor(0),
  'four for the heaviest ten': byHand,
  'advised, after 1 hour': advisor(1),
  'advised, after 2 hours': advisor(2),
  'advised, after 3 hours': advisor(3),
  'advised, after 9 hours': advisor(9),
};

/** Eight slots of the heaviest account are 1.4 times the mean of 64 shards at best, and some of them meet in a shard. */
const mostTimesFair = { 16: 2, 64: 3.5 };

for (const [of, most] of Object.entries(mostTimesFair)) {
  const shards = Number(of);
  console.log(`${`${shards} shards`.padEnd(28)} hottest  times fair  worst  of a shard  slots`);
  const timesFair = Object.entries(ways).map(([name, way]) => {
    const runs = Array.from({ length: seeds }, (_, seed) =>
      way(sendersOf({ accounts: 1000, exponent: 1.1, shards, seed })),
    );
    const hottest = runs.map((senders) => hottestOf(senders, shards));
    const meanOf = (figure: (each: (typeof hottest)[number]) => number) => mean(hottest.map(figure));
    const slots = mean(runs.map((senders) => senders.reduce((sum, sender) => sum + sender.slots, 0)));
    console.log(
      [
        name.padEnd(28),
        `${(100 * meanOf(({ share }) => share)).toFixed(1)} %`.padStart(7),
        meanOf((each) => each.timesFair)
          .toFixed(2)
          .padStart(11),
        Math.max(...hottest.map((each) => each.timesFair))
          .toFixed(2)
          .padStart(6),
        `${(100 * meanOf(({ fill }) => fill)).toFixed(0)} %`.padStart(11),
        slots.toFixed(0).padStart(6),
      ].join(' '),
    );
    return meanOf((each) => each.timesFair);
  });
  report(`${shards} shards`, [
    { what: 'times fair with the advisor', figure: timesFair.at(-1) ?? Number.NaN, most },
  ]);
}
