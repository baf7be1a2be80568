// Consume of late events: a function of its own, so that a backfill takes no instance that others need, and its lag is told
// apart. Its metrics are those of consume.

export { handler } from '../consume/handler.ts';
