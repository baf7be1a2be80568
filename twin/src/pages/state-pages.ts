// A page of facts: where everything is that was accepted and is not done with yet, and who works on it.

import type { Pages } from './pages.ts';

export function statePages(look: () => Promise<object>): Pages {
  return {
    'GET /state': {
      about: 'shards and positions, lag, attempts of mappings, what buckets and queues hold, environments',
      answer: look,
    },
  };
}
