// Records that arrive after a run has passed their place: each must be counted directly, also if the consumer is killed
// between putting the receipt and looking for the run.

import { tiers } from '../../domain/accounts/tiers.ts';
import { laneKey, receivedAtOfPosition } from '../../domain/keys.ts';
import { makeSeed, seedRandomBytes } from '../../domain/record/batch-id.ts';
import { type EnvelopeHeader, encodeBody, encodeEnvelope } from '../../domain/record/envelope.ts';
import { recordIdOf } from '../../domain/record/record-id.ts';
import type { Aftermath } from './aftermath.ts';
import type { Violation } from './audit-runs.ts';
import { environment } from './ladder.ts';
import { planAlike } from './plan.ts';
import { readTables } from './tables.ts';
import { consume, looks } from './troubles.ts';

/** Alike batches of a number that nothing else takes. */
const numberOfLagging = 901;

const seedText = (receivedAtMs: number, index: number): string =>
  Buffer.from(makeSeed(receivedAtMs, Buffer.alloc(seedRandomBytes, index))).toString('base64url');

/** All runs are folded. Once settled, it returns receipts that are not counted directly. */
export async function sendLagging(aftermath: Aftermath): Promise<readonly Violation[]> {
  const { twin, plan, books, log, settlement, stream } = aftermath;
  const { runs } = await readTables(twin);
  const kill = twin.faults.inject({
    on: { caller: consume, ...looks },
    do: { kind: 'kill', moment: 'before' },
    when: { times: 2 },
  });
  const records = new Set<string>();
  for (const [index, account] of plan.accounts.entries()) {
    const lane = { tenant: { account, environment, generation: 0 }, slot: 0, late: false };
    const ends = runs.filter((run) => laneKey(run.lane) === laneKey(lane)).map(({ to }) => to);
    const receivedAtMs = receivedAtOfPosition(ends.toSorted().at(-1) ?? '') - 1;
    const batch = planAlike(account, numberOfLagging);
    const batchId = seedText(receivedAtMs, index);
    const events = books
      .eventsOf(batch)
      .map((event) => ({ ...event, timestamp: receivedAtMs, made: ['timestamp'] as const }));
    const header: Omit<EnvelopeHeader, 'events'> = {
      ...lane,
      batchId,
      part: 0,
      parts: 1,
      kind: 'events',
      layout: 1,
      receivedAtMs,
      retentionDays: tiers.standard.retentionDays,
      region: 'us-east-1',
      requestId: batchId,
    };
    records.add(recordIdOf(header));
    await stream.put(lane.tenant, encodeEnvelope(header, encodeBody(events)));
    // It has no receipt that a client could ask for.
    books.accept(batch, batchId, '');
  }
  await log.refresh();
  await settlement.reached();
  kill.remove();
  const { receipts } = await readTables(twin);
  const lagging = receipts.filter(({ record }) => records.has(record));
  const wrong = lagging.filter(({ mode }) => mode !== 'direct');
  return [
    ...(lagging.length === plan.accounts.length && kill.met() > 0
      ? []
      : ['not all records that lag were sent']),
    ...wrong.map(({ record }) => `receipt ${record}, which a run has passed by, is not direct`),
  ];
}
