// Consume of the priority stream: a function of its own, so that no account on the standard one takes an instance of it, and
// its lag is told apart. Its metrics are those of consume.

export { handler } from '../consume/handler.ts';
