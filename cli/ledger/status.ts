// `weir ledger status`: the last quarters of an hour as the ledger has them, and what has been waiting for longer.

import { iso } from '../../domain/system/time.ts';
import { quarterMs, quarterOf } from '../../domain/tally/sheet.ts';
import type { Operator } from '../operator.ts';
import { renderAge } from '../terminal/instants.ts';
import { table } from '../terminal/table.ts';
import { defineVerb, type Result } from '../verb.ts';
import { auditQuarter } from './audit.ts';
import { amountText } from './report.ts';

const quarters = 4;

async function readStatus(operator: Operator): Promise<Result> {
  const access = await operator.records();
  const nowMs = operator.clock.now();
  const audited = { operator, access, filter: {} };
  const rows = [];
  for (let back = quarters - 1; back >= 0; back -= 1) {
    const startMs = quarterOf(nowMs) - back * quarterMs;
    const { tallied, inFlight, missing } = await auditQuarter(audited, startMs);
    rows.push({
      from: iso(startMs),
      ...tallied,
      in_flight: inFlight.length,
      without_outcome: missing.length,
    });
  }
  const open = await Array.fromAsync(access.sheets.open());
  const records = open.reduce((sum, sheet) => sum + sheet.records, 0);
  const events = open.reduce((sum, sheet) => sum + sheet.events, 0);
  const [oldest] = open;
  const waiting = oldest
    ? `${amountText({ records, events })} wait for report to find their outcome; the oldest sheet is of ` +
      `${iso(oldest.quarterMs)}, ${renderAge(nowMs - oldest.arrivedToMs)} ago.`
    : 'Report has found an outcome of everything that was tallied.';
  return {
    json: {
      quarters: rows,
      open: { sheets: open.length, records, events, ...(oldest && { oldest: iso(oldest.arrivedToMs) }) },
    },
    text: [
      table(
        ['QUARTER FROM', 'RECORDS', 'EVENTS', 'IN FLIGHT', 'WITHOUT OUTCOME'],
        rows.map((row) => [row.from, row.records, row.events, row.in_flight, row.without_outcome]),
      ),
      waiting,
    ].join('\n\n'),
  };
}

export const ledgerStatus = defineVerb({
  words: ['ledger', 'status'],
  summary: 'print what was acknowledged in the last hour, and what of it has no outcome yet',
  examples: ['ledger status'],
  options: (command) => command,
  run: readStatus,
});
