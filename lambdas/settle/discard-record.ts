// Discards one record for good. Its receipt says so first, so that nobody counts it any more; what it left is taken
// away once whoever began before that is done: its pages, then its claims, and its payload, which tells of both, last.

import type { Logger } from '@aws-lambda-powertools/logger';
import { payloadName } from '../../domain/keys.ts';
import type { FailedRecords } from '../../domain/quarantine/port.ts';
import {
  claimGraceMs,
  finishDiscardAfterMs,
  type Job,
  type SettleAnswer,
  type SettleRequest,
} from '../../domain/quarantine/quarantine.ts';
import { decodeEnvelope } from '../../domain/record/envelope.ts';
import { pagePartition } from '../../domain/storing/pages.ts';
import type { Counts, Identities, Pages } from '../../domain/storing/port.ts';
import type { Clock } from '../../domain/system/port.ts';
import { planRecord } from '../storing/store-record.ts';

export type DiscardDeps = {
  readonly counts: Pick<Counts, 'receipts' | 'commit'>;
  readonly identities: Pick<Identities, 'release'>;
  readonly pages: Pick<Pages, 'remove'>;
  readonly failedRecords: Pick<FailedRecords, 'get' | 'remove'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'info' | 'error'>;
};

/** Its events stay in the count of those set aside: what was received still has to add up. */
export async function discardRecord(
  { counts, clock, logger }: DiscardDeps,
  { tenant, record }: Omit<SettleRequest, 'action'>,
): Promise<SettleAnswer> {
  const [receipt] = await counts.receipts([{ tenant, record }]);
  if (receipt?.state !== 'quarantined') return { outcome: 'not_in_quarantine' };
  const { receivedAtMs } = receipt;
  const dueAtMs = clock.now() + finishDiscardAfterMs;
  const job: Job = { kind: 'discard', dueAtMs, tenant, record, receivedAtMs };
  const { outcome } = await counts.commit({
    changes: [{ from: receipt, to: { ...receipt, state: 'discarded' }, job }],
    documents: [],
    marks: [],
  });
  if (outcome !== 'committed') return { outcome: 'not_in_quarantine' };
  logger.info('a record is discarded', { ...tenant, record, events: receipt.accepted });
  return { outcome: 'discarded' };
}

export async function finishDiscard(deps: DiscardDeps, { tenant, record }: Job): Promise<void> {
  const { counts, identities, pages, failedRecords, clock, logger } = deps;
  const [receipt] = await counts.receipts([{ tenant, record }]);
  if (receipt?.state !== 'discarded') return;
  const name = payloadName(tenant, record);
  const payload = await failedRecords.get(name);
  // An earlier try got to its end, or the bucket has let it expire.
  if (!payload) return;
  const left = whatItLeft(deps, payload, { ...tenant, record });
  if (left) {
    await pages.remove(left.pages);
    await identities.release(left.claims, clock.now() + claimGraceMs);
  }
  await failedRecords.remove(name);
  logger.info('what a discarded record left is gone', { ...tenant, record });
}

/** Undefined where that cannot be told, and so where nothing of it can have been stored either. */
function whatItLeft({ logger }: DiscardDeps, payload: Uint8Array, names: object) {
  try {
    const { source, planned, claims } = planRecord(decodeEnvelope(payload));
    return { pages: planned.map(({ sk }) => ({ pk: pagePartition(source), sk })), claims };
  } catch (error) {
    logger.error('a discarded record cannot be read; nothing was stored of it', { ...names, error });
    return undefined;
  }
}
