// Where a mapping has its records from: a stream of Kinesis, or the stream of a table.

import type { ShardDescription } from './lineage.ts';
import type { ReadShard } from './shard-reader.ts';

export type RecordSource = {
  /** `made` tells a source from one that had the same name before. */
  describe(): Promise<{ readonly made: string; readonly retentionMs: number }>;
  listShards(): Promise<readonly ShardDescription[]>;
  /** After a sequence number, or from the oldest record on. `filtered` is told how many records a filter kept back. */
  reader(shardId: string, after: string | undefined, filtered?: (count: number) => void): ReadShard;
};
