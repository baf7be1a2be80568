// Names of accounts by the shard of their live records: the shards of a stream on demand divide the hash keys evenly.

import { createHash } from 'node:crypto';
import { streamKey } from '../../domain/keys.ts';

const shards = 4;

function shardOf(account: string): number {
  const key = streamKey({ account, environment: 'production', generation: 0 }, 0, false);
  const [first = 0] = createHash('md5').update(key).digest();
  return Math.floor((first * shards) / 256);
}

/** A name that begins so, and whose records are in that shard of four. */
export function nameInShard(shard: number, prefix: string): string {
  for (let index = 0; ; index += 1) {
    const name = `${prefix}-${index}`;
    if (shardOf(name) === shard) return name;
  }
}
