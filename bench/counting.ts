// What storing and counting cost where the load is not usual. Four parts, each by itself with `--only`:
// summary: the read units of a 24 h summary of one slot, its documents full and its tail as long as it gets.
// slots: how many invocations a second store and count, of an account with one slot and with four, at 6 ms a call.
// window: how many links are put in vain where four slots write one claim log, at 2,000 events/s and 6 ms a call.
// backlog: three hours of an account at 145 records a second are counted late, each plainly, while summaries are read.
// `npm run bench:counting`.

import { parseArgs } from 'node:util';
import { benchBacklog } from './counting-bench/backlog.ts';
import { benchSlots } from './counting-bench/slots.ts';
import { benchSummary } from './counting-bench/summary.ts';
import { benchWindow } from './counting-bench/window.ts';
import { report } from './support/held.ts';

const parts = {
  summary: benchSummary,
  slots: benchSlots,
  window: benchWindow,
  backlog: () => benchBacklog(Number(values.minutes)),
};
const { values } = parseArgs({
  options: { only: { type: 'string' }, minutes: { type: 'string', default: '180' } },
});

for (const [name, run] of Object.entries(parts))
  if (values.only === undefined || values.only === name) report(name, await run());
