// Discards one record for good. First its receipt becomes `discarded`, so that nothing counts it any more. A job removes
// the rest once every try that started before has ended: pages, then claims, and last the payload, which names both.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Lanes } from '../../domain/counting/port.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import { payloadName } from '../../domain/keys.ts';
import type { FailedRecords } from '../../domain/quarantine/port.ts';
import {
  claimGraceMs,
  finishDiscardAfterMs,
  type Job,
  newJob,
  type SettleAnswer,
} from '../../domain/quarantine/quarantine.ts';
import { decodeEnvelope, NewerEnvelope } from '../../domain/record/envelope.ts';
import type { RecordPlace } from '../../domain/record/record-id.ts';
import { pagePartition } from '../../domain/storing/pages.ts';
import type { Identities, Pages } from '../../domain/storing/port.ts';
import type { Clock } from '../../domain/system/port.ts';
import { planRecord } from '../storing/store-records.ts';

export type DiscardDeps = {
  readonly lanes: Pick<Lanes, 'receipts' | 'commit'>;
  readonly identities: Pick<Identities, 'release'>;
  readonly pages: Pick<Pages, 'remove'>;
  readonly failedRecords: Pick<FailedRecords, 'get' | 'remove'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'info' | 'error'>;
};

/** Its events stay counted as quarantined: received must still equal the sum of what events became. */
export async function discardRecord(
  { lanes, clock, logger }: DiscardDeps,
  { lane, record, receivedAtMs }: RecordPlace,
): Promise<SettleAnswer> {
  const [receipt] = await lanes.receipts([{ lane, record, receivedAtMs }]);
  if (receipt?.state !== 'quarantined') return { outcome: 'not_in_quarantine' };
  const dueAtMs = clock.now() + finishDiscardAfterMs;
  const job = newJob('discard', { lane, record, receivedAtMs }, dueAtMs);
  const { outcome } = await lanes.commit({
    changes: [{ from: receipt, to: { ...receipt, state: 'discarded' }, job }],
    documents: [],
    marks: [],
  });
  if (outcome !== 'committed') return { outcome: 'not_in_quarantine' };
  logger.info('a record is discarded', { ...lane.tenant, record, events: receipt.accepted });
  return { outcome: 'discarded' };
}

export async function finishDiscard(deps: DiscardDeps, { lane, record, receivedAtMs }: Job): Promise<void> {
  const { lanes, identities, pages, failedRecords, clock, logger } = deps;
  const { tenant } = lane;
  const [receipt] = await lanes.receipts([{ lane, record, receivedAtMs }]);
  if (receipt?.state !== 'discarded') return;
  const name = payloadName(tenant, record);
  const payload = await failedRecords.get(name);
  // An earlier try has finished, or the payload has expired.
  if (!payload) return;
  const remains = remainsOf(deps, payload, { ...tenant, record });
  if (remains) {
    await pages.remove(remains.pages);
    await identities.release(remains.claims, clock.now() + claimGraceMs);
  }
  await free(deps, receipt);
  await failedRecords.remove(name);
  logger.info('the pages, claims and payload of a discarded record are removed', { ...tenant, record });
}

/** Last, when the pages are gone: from then on the ids that the record made are free. Only once, as for claims. */
async function free({ lanes, clock }: DiscardDeps, receipt: Receipt): Promise<void> {
  if (receipt.freedAtMs !== undefined) return;
  const to: Receipt = { ...receipt, freedAtMs: clock.now() + claimGraceMs };
  await lanes.commit({ changes: [{ from: receipt, to }], documents: [], marks: [] });
}

/** Undefined if the payload cannot be decoded: then the record was never stored, and has neither pages nor claims. */
function remainsOf({ logger }: DiscardDeps, payload: Uint8Array, names: object) {
  try {
    const envelope = decodeEnvelope(payload);
    const { source, pages, claimAt } = planRecord(envelope);
    const claims = envelope.events.map((_, index) => claimAt(index));
    return { pages: pages.map(({ sk }) => ({ pk: pagePartition(source), sk })), claims };
  } catch (error) {
    // A later release may have stored a part of it, and only a later one can tell what: it waits for that.
    if (error instanceof NewerEnvelope) throw error;
    logger.error('a discarded record cannot be decoded; nothing of it was stored', { ...names, error });
    return undefined;
  }
}
