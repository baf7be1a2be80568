// The page of state: what streams, mappings, queues and buckets hold, and what functions are doing.

import type { Pages } from './pages.ts';

export function statePages(look: () => Promise<object>): Pages {
  return {
    'GET /state': {
      about: 'shards and positions, lag, attempts of mappings, what buckets and queues hold, environments',
      answer: look,
    },
  };
}
