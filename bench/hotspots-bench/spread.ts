// Which shard has how much, if accounts of a Zipf law share a stream: by the partition keys that they really have, hashed as
// Kinesis does.

import { createHash } from 'node:crypto';
import type { Load } from '../../domain/accounts/load.ts';
import { adviseSlots } from '../../domain/accounts/slot-advice.ts';
import { streamKey } from '../../domain/keys.ts';

export type Sender = { readonly account: string; readonly load: Load; readonly slots: number };

export type Shape = {
  readonly accounts: number;
  /** The account of rank k sends 1 / k^exponent of what the first one does. */
  readonly exponent: number;
  readonly shards: number;
  /** Which accounts those are. Others have other shards. */
  readonly seed: number;
};

/** Half of what shards take: a stream on demand has twice the shards of its peak. */
const bytesOfShard = 500_000;
/** As envelopes hold them. */
const bytesOfEvent = 150;
const eventsOfBatch = 100;

/** The heaviest first, each with one slot. */
export function sendersOf({ accounts, exponent, shards, seed }: Shape): Sender[] {
  const parts = Array.from({ length: accounts }, (_, index) => (index + 1) ** -exponent);
  const all = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part, index) => {
    const bytes = (shards * bytesOfShard * part) / all;
    const events = bytes / bytesOfEvent;
    return {
      account: `a${seed}-${index}`,
      load: { events, records: events / eventsOfBatch, bytes },
      slots: 1,
    };
  });
}

/** One step of the advisor for each account. */
export const advised = (senders: readonly Sender[], most: number): Sender[] =>
  senders.map((sender) => ({
    ...sender,
    slots: adviseSlots(sender.slots, sender.load, most)?.to ?? sender.slots,
  }));

/** Kinesis hashes a key by MD5. The shards of a stream divide the hashes evenly. */
function shardOf(account: string, slot: number, shards: number): number {
  const key = streamKey({ account, environment: 'production', generation: 0 }, slot, false);
  return Math.floor((createHash('md5').update(key).digest().readUIntBE(0, 6) / 2 ** 48) * shards);
}

export type Hottest = {
  /** Of all that is sent. */
  readonly share: number;
  /** How many times the mean of shards. */
  readonly timesFair: number;
  /** How many times what a shard takes in a second. */
  readonly fill: number;
};

export function hottestOf(senders: readonly Sender[], shards: number): Hottest {
  const bytes = new Array<number>(shards).fill(0);
  for (const { account, load, slots } of senders)
    for (let slot = 0; slot < slots; slot += 1) {
      const shard = shardOf(account, slot, shards);
      bytes[shard] = (bytes[shard] ?? 0) + load.bytes / slots;
    }
  const share = Math.max(...bytes) / bytes.reduce((sum, each) => sum + each, 0);
  return { share, timesFair: share * shards, fill: Math.max(...bytes) / 1_000_000 };
}

/** Of so many seeds. */
export function mean(figures: readonly number[]): number {
  return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
}
