// A page of facts: where everything is that was accepted and is not stored yet, and who works on it.

import type { FunctionActivity } from '../services/lambda/deployed-function.ts';
import type { QueueMappingState } from '../services/lambda/queue-mapping/queue-mapping.ts';
import type { MappingState } from '../services/lambda/stream-mapping/stream-mapping.ts';
import type { BucketHolding, QueueHolding } from '../services/s3/contents.ts';
import type { Pages } from './pages.ts';

export type State = {
  /** By stream and open shard: what writes were let through and refused. */
  readonly streams: Readonly<Record<string, object>>;
  readonly mappings: Readonly<Record<string, MappingState>>;
  readonly queue_mappings: Readonly<Record<string, QueueMappingState>>;
  readonly buckets: Readonly<Record<string, BucketHolding>>;
  readonly queues: Readonly<Record<string, QueueHolding>>;
  readonly functions: Readonly<Record<string, FunctionActivity>>;
};

export function statePages(look: () => Promise<State>): Pages {
  return {
    'GET /_weir/state': {
      about: 'shards and positions, lag, attempts of mappings, what buckets and queues hold, environments',
      answer: look,
    },
  };
}
