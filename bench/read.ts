// What reading costs, on a real engine, with 6 ms added to every call. `npm run bench:read [search|summary]`.
//
// search: read units, calls and time of page 1, 10, 100 and 1,000 among 200,000 events: dense, and over three weeks, with and
// without a filter that few events match. A page far down must cost what the first one costs.
// summary: each window of an account with so many users and slots, whose closed days are folded: units, calls and time.

import { benchSearch } from './read-bench/search.ts';
import { benchSummary } from './read-bench/summary.ts';
import { report } from './support/held.ts';

const [only] = process.argv.slice(2);
if (only === undefined || only === 'search') report('search', await benchSearch());
if (only === undefined || only === 'summary') report('summary', await benchSummary());
