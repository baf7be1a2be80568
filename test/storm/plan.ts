// What is sent and what goes wrong, all from one seed, so that a storm can be repeated.

import { seedAt, seededRandom } from '@weir/twin/faults';
import { maxBatchEvents } from '../../domain/event/batch.ts';
import { type EventName, firstUnstamped } from './contents.ts';

export type StormSize = {
  readonly seed: number;
  readonly batches: number;
  /** At least so many events in all batches together. */
  readonly events: number;
  readonly accounts: number;
};

export type PlannedBatch = { readonly account: string; readonly events: readonly EventName[] };

export const shortStorm: StormSize = { seed: 20_261_121, batches: 40, events: 2000, accounts: 6 };
export const longStorm: StormSize = { seed: 1, batches: 200, events: 20_000, accounts: 20 };

/** Faults of the consumer's calls, for any record. */
const troublesOfCalls = [
  'throttled statements',
  'throttled calls',
  'items left undone',
  'failed looks for a run',
  'failed logs',
  'lost answers',
] as const;

/** Faults of delivery. Not in a wave with a trouble of one batch, which must hit one invocation at one step. */
const troublesOfDelivery = [
  'lost puts',
  'refused puts',
  'delivered twice at once',
  'delivered twice in turn',
  'killed anywhere',
  'slow receipts',
  'a shard is split',
  'poison',
] as const;

export const troublesAtLarge = [...troublesOfDelivery, ...troublesOfCalls] as const;

/** Troubles of one batch. It is accepted first, and its delivery waits until the trouble is injected. */
export const troublesOfOne = [
  'out of time before the pages',
  'out of time before the count',
  'crashes each time',
  'quarantined after an outage',
] as const;

export type TroubleAtLarge = (typeof troublesAtLarge)[number];
export type TroubleOfOne = (typeof troublesOfOne)[number];

export type Wave = {
  readonly number: number;
  readonly batches: readonly PlannedBatch[];
  readonly atLarge: readonly TroubleAtLarge[];
  /** Each has a batch of its own. If there are any, deliveries wait while the wave is sent. */
  readonly ofOne: readonly TroubleOfOne[];
};

export type StormPlan = {
  readonly seed: number;
  readonly accounts: readonly string[];
  readonly waves: readonly Wave[];
};

const batchesPerWave = 8;
const alikeEvents = 30;

export function planStorm({ seed, batches, events, accounts: accountCount }: StormSize): StormPlan {
  const random = seededRandom(seedAt(seed, 1));
  const below = (bound: number) => Math.floor(random() * bound);
  const accounts = Array.from({ length: accountCount }, (_, index) => `gale-${index}`);
  const writers = new Map(accounts.map((account) => [account, createWriter(account, below)]));
  const sizes = batchSizes(batches, events, random);
  const planned = sizes.map((size) => {
    const writer = writers.get(accounts[below(accounts.length)] ?? '');
    return writer?.batch(size);
  });
  const free = dealer<TroubleAtLarge>(troublesOfDelivery, troublesAtLarge, below);
  const held = dealer<TroubleAtLarge>(troublesOfCalls, troublesOfCalls, below);
  const ofOne = dealer(troublesOfOne, troublesOfOne, below);
  const waves: Wave[] = [];
  for (let first = 0; first < planned.length; first += batchesPerWave) {
    const some = planned.slice(first, first + batchesPerWave).filter((batch) => batch !== undefined);
    const number = waves.length;
    waves.push(
      number % 2 === 0
        ? { number, batches: some, atLarge: free(3), ofOne: [] }
        : { number, batches: some, atLarge: held(3), ofOne: ofOne(2) },
    );
  }
  return { seed, accounts, waves };
}

/** The events that all alike batches of an account share. */
export const planFirstAlike = (account: string): PlannedBatch => ({
  account,
  events: numbered(firstUnstamped, alikeEvents / 3),
});

/** Alike batches take the same calls to store: two thirds of their events are new, the others are resent. */
export const planAlike = (account: string, number: number): PlannedBatch => ({
  account,
  events: [
    ...numbered(firstUnstamped + (number + 1) * alikeEvents, (alikeEvents * 2) / 3),
    ...planFirstAlike(account).events,
  ],
});

const numbered = (first: number, count: number): readonly EventName[] =>
  Array.from({ length: count }, (_, index) => ({ number: first + index, variant: 0 }));

/** One batch in ten may be as large as allowed, the others are small. At least one has one event, and one the most. */
function batchSizes(batches: number, events: number, random: () => number): readonly number[] {
  const mean = events / batches;
  const large = 0.1;
  const few = Math.max(
    1,
    Math.min(maxBatchEvents, (2 * (mean - (large * maxBatchEvents) / 2)) / (1 - large)),
  );
  const sizes = Array.from(
    { length: batches },
    () => 1 + Math.floor(random() * ((random() < large ? maxBatchEvents : few) - 1)),
  );
  sizes[0] = 1;
  sizes[Math.floor(batches / 2)] = maxBatchEvents;
  let missing = events - sizes.reduce((sum, size) => sum + size, 0);
  for (let index = 1; missing > 0; index = (index % (batches - 1)) + 1) {
    const room = Math.min(maxBatchEvents - (sizes[index] ?? 0), missing, Math.ceil(mean));
    sizes[index] = (sizes[index] ?? 0) + room;
    missing -= room;
  }
  return sizes;
}

/** Writes the batches of one account: new events, resent events, and other content under earlier ids. */
function createWriter(account: string, below: (bound: number) => number) {
  let next = 0;
  const written: PlannedBatch[] = [];
  const compose = (size: number): readonly EventName[] => {
    const [again, other] = [below(3) === 0 ? 30 : 5, below(4) === 0 ? 15 : 2];
    const chosen = new Map<number, EventName>();
    while (chosen.size < size) {
      const chance = below(100);
      const seen = chance < again + other && next > 0 ? below(next) : undefined;
      if (seen !== undefined && !chosen.has(seen)) {
        chosen.set(seen, { number: seen, variant: chance < again ? 0 : 1 + below(2) });
      } else {
        chosen.set(next, { number: next, variant: 0 });
        next += 1;
      }
    }
    return [...chosen.values()];
  };
  return {
    batch: (size: number): PlannedBatch => {
      // A client that got no answer sends the same batch again.
      const before = written
        .filter(({ events }) => events.length >= size)
        .toSorted((one, other) => one.events.length - other.events.length)[0];
      const events = before !== undefined && below(8) === 0 ? before.events : compose(size);
      const batch: PlannedBatch = { account, events };
      written.push(batch);
      return batch;
    },
  };
}

/** Deals so many different kinds in random order, each of `first` once before any of `then`. */
function dealer<Kind>(
  first: readonly Kind[],
  then: readonly Kind[],
  below: (bound: number) => number,
): (count: number) => readonly Kind[] {
  let deck = [...first];
  const deal = (dealt: readonly Kind[]): Kind => {
    if (deck.every((kind) => dealt.includes(kind))) deck = [...deck, ...then];
    const fitting = deck.filter((kind) => !dealt.includes(kind));
    const kind = fitting[below(fitting.length)] as Kind;
    deck.splice(deck.indexOf(kind), 1);
    return kind;
  };
  return (count) =>
    Array.from({ length: count }).reduce<readonly Kind[]>((dealt) => [...dealt, deal(dealt)], []);
}
