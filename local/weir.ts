// Weir on this machine: the twin, run on Weir's own app.

export { startTwin as startWeir, type Twin as RunningWeir } from '../twin/src/core/twin.ts';
