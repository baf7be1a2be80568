// What a batch weighs for the limit of events, against the write units that it takes, for kinds of batches that cost the
// store differently. `npm run bench:weights`; `--batches N` of each kind, 50 if not said.

import { parseArgs } from 'node:util';
import { unitsOfWeight } from '../domain/limits/batch-weight.ts';
import { costOfKind } from './weights-bench/cost.ts';
import { kinds } from './weights-bench/kinds.ts';

const mostTimes = 2;

const { batches } = parseArgs({ options: { batches: { type: 'string', default: '50' } } }).values;
let missed = 0;
console.log(`${'of a batch'.padEnd(36)} weight  write units  of its weight`);
for (const [name, kind] of Object.entries(kinds)) {
  const { weight, writeUnits } = await costOfKind(kind, Number(batches));
  const times = writeUnits / weight / unitsOfWeight;
  if (times > mostTimes || times < 1 / mostTimes) missed += 1;
  console.log(
    `${name.padEnd(36)} ${weight.toFixed(1).padStart(6)} ${writeUnits.toFixed(1).padStart(12)} ${times.toFixed(2).padStart(14)}`,
  );
}
console.log(`=> ${missed} kinds cost more than ${mostTimes} times what they weigh, or less than half`);
process.exitCode = missed === 0 ? 0 : 1;
