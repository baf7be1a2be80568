// An open shard: the hash keys that are its own, what it takes in a second, and what came of it so far.

import { RateBucket } from './rate-bucket.ts';

/**
 * AWS writes MB and MiB in different places. It is MiB: a record may have 1 MiB, and one has to fit; and the page on
 * large records gives a shard 1 MiB a second, in a tank that refills steadily.
 * https://docs.aws.amazon.com/streams/latest/dev/large-records.html
 */
const limitPerSecond = { records: 1000, bytes: 1_048_576 } as const;

/** As the engine lists it. */
export type ListedShard = {
  readonly ShardId: string;
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
  /** With an end the shard was split or merged, and takes nothing more. */
  readonly SequenceNumberRange: { readonly EndingSequenceNumber?: string };
};

type Amount = { records: number; bytes: number };
export type LimitedShardState = {
  readonly starting_hash_key: string;
  readonly ending_hash_key: string;
  readonly let_through: Readonly<Amount>;
  readonly refused: Readonly<Amount>;
};

export class LimitedShard {
  readonly shardId: string;
  private readonly startingHashKey: bigint;
  private readonly endingHashKey: bigint;
  private readonly records = new RateBucket(limitPerSecond.records);
  private readonly bytes = new RateBucket(limitPerSecond.bytes);
  private readonly letThrough: Amount = { records: 0, bytes: 0 };
  private readonly refused: Amount = { records: 0, bytes: 0 };

  constructor({ ShardId, HashKeyRange }: ListedShard) {
    this.shardId = ShardId;
    this.startingHashKey = BigInt(HashKeyRange.StartingHashKey);
    this.endingHashKey = BigInt(HashKeyRange.EndingHashKey);
  }

  /** Also by its range of keys: the shards of a stream that was deleted and made again have the same names. */
  is({ ShardId, HashKeyRange }: ListedShard): boolean {
    return (
      ShardId === this.shardId &&
      BigInt(HashKeyRange.StartingHashKey) === this.startingHashKey &&
      BigInt(HashKeyRange.EndingHashKey) === this.endingHashKey
    );
  }

  owns(hashKey: bigint): boolean {
    return this.startingHashKey <= hashKey && hashKey <= this.endingHashKey;
  }

  /** False where it is too much for now, and then nothing is used up. */
  take(bytes: number, nowMs: number): boolean {
    const isWithin = this.records.holds(1, nowMs) && this.bytes.holds(bytes, nowMs);
    if (isWithin) {
      this.records.take(1);
      this.bytes.take(bytes);
    }
    const counted = isWithin ? this.letThrough : this.refused;
    counted.records += 1;
    counted.bytes += bytes;
    return isWithin;
  }

  /** Returns what was taken for a record that the stream did not take. */
  giveBack(bytes: number): void {
    this.records.giveBack(1);
    this.bytes.giveBack(bytes);
    this.letThrough.records -= 1;
    this.letThrough.bytes -= bytes;
  }

  state(): LimitedShardState {
    return {
      starting_hash_key: `${this.startingHashKey}`,
      ending_hash_key: `${this.endingHashKey}`,
      let_through: { ...this.letThrough },
      refused: { ...this.refused },
    };
  }
}
