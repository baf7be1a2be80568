import type { Signal } from './signal.ts';
import { lagOf, streamLag } from './stream-lag.ts';

/** Whoever is on the priority stream waits for nobody on the other, nor does the alarm of one tell of the other. */
export const priorityLag: Signal = {
  ...streamLag,
  id: 'priorityLag',
  name: 'priority-lag',
  title: 'Lag of the priority stream',
  what: streamLag.what.replace('the stream', 'the priority stream'),
  watch: ({ consumers: { priority } }) => priority && lagOf(priority),
};
