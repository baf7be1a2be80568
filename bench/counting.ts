// What counting costs where the load is not usual. Three parts, each by itself with `--only`:
// summary: the read units of a 24 h summary of one slot, its documents full and its tail as long as it gets.
// slots: how many invocations a second store and count, of an account with one slot and with four, at 6 ms a call.
// backlog: three hours of an account at 145 records a second are counted late, each plainly, while summaries are read.
// `npm run bench:counting`.

import { parseArgs } from 'node:util';
import { benchBacklog } from './counting-bench/backlog.ts';
import { benchSlots } from './counting-bench/slots.ts';
import { benchSummary } from './counting-bench/summary.ts';

const parts = {
  summary: benchSummary,
  slots: benchSlots,
  backlog: () => benchBacklog(Number(values.minutes)),
};
const { values } = parseArgs({
  options: { only: { type: 'string' }, minutes: { type: 'string', default: '180' } },
});

let missed = 0;
for (const [name, run] of Object.entries(parts)) {
  if (values.only !== undefined && values.only !== name) continue;
  for (const { what, figure, most } of await run()) {
    if (!(figure <= most)) missed += 1;
    console.log(`=> ${name}: ${figure.toPrecision(3)} ${what}; the bar is ${most}`);
  }
}
process.exitCode = missed === 0 ? 0 : 1;
