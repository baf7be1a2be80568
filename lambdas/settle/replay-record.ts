// Replays one quarantined record with its own id, under a lease. Claims and pages of earlier tries belong to the record,
// so it is counted once, however often it is replayed.

import type { Logger } from '@aws-lambda-powertools/logger';
import { payloadName } from '../../domain/keys.ts';
import type { FailedRecords, Quarantine } from '../../domain/quarantine/port.ts';
import {
  type QuarantineEntry,
  replayLeaseMs,
  type SettleAnswer,
} from '../../domain/quarantine/quarantine.ts';
import { decodeEnvelope, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { nameOfPlace, type RecordPlace, recordNameOf } from '../../domain/record/record-id.ts';
import { errorFields } from '../runtime/error-fields.ts';
import { type CountRejectionsDeps, countRejections, isOfRejections } from '../storing/count-rejections.ts';
import { type DropDeps, withoutDeleted } from '../storing/deleted-accounts.ts';
import { failureOf } from '../storing/quarantine-records.ts';
import { type StoreAndCountDeps, storeAndCount } from '../storing/store-and-count.ts';

export type ReplayDeps = StoreAndCountDeps &
  CountRejectionsDeps &
  DropDeps & {
    readonly quarantine: Pick<Quarantine, 'find' | 'lease' | 'release'>;
    readonly failedRecords: Pick<FailedRecords, 'get' | 'remove'>;
    readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  };

export async function replayRecord(
  deps: ReplayDeps,
  { lane, record, receivedAtMs }: RecordPlace,
): Promise<SettleAnswer> {
  const entry = await deps.quarantine.find({ lane, record, receivedAtMs });
  return entry ? replayEntry(deps, entry) : { outcome: 'not_in_quarantine' };
}

/** Rejects with Unavailable if a dependency is unavailable: the record is not at fault. */
export async function replayEntry(deps: ReplayDeps, entry: QuarantineEntry): Promise<SettleAnswer> {
  const { quarantine, clock, logger } = deps;
  const nowMs = clock.now();
  if (!(await quarantine.lease(entry, nowMs, nowMs + replayLeaseMs))) return { outcome: 'busy' };
  const release = () =>
    bestEffort(deps, entry, 'its lease could not be released and expires', () => quarantine.release(entry));
  try {
    const answer = await storeAgain(deps, entry);
    if (answer.outcome === 'stored') await removePayload(deps, entry);
    else await release();
    logger.info('a record is replayed', { ...namesOf(entry), ...answer });
    return answer;
  } catch (error) {
    await release();
    const { reason, cause } = failureOf(error);
    if (reason === 'failed') logger.error('a record makes our own code fail', { ...namesOf(entry), error });
    else logger.info('a record is replayed', { ...namesOf(entry), outcome: reason, cause });
    return { outcome: reason, cause };
  }
}

async function storeAgain(deps: ReplayDeps, entry: QuarantineEntry): Promise<SettleAnswer> {
  const { tenant } = entry.lane;
  const [found] = await deps.lanes.receipts([entry]);
  if (found?.state !== 'quarantined') return { outcome: 'not_in_quarantine' };
  const data = await deps.failedRecords.get(payloadName(tenant, entry.record));
  if (!data) return { outcome: 'payload_gone' };
  const { header } = decodeEnvelope(data);
  if (recordNameOf(header) !== nameOfPlace(entry))
    throw new UnreadableEnvelope('its header names another record');
  // Nobody can ask for it any more, and its time in quarantine ends as before.
  if ((await withoutDeleted(deps, [{ header }])).length === 0) return { outcome: 'not_in_quarantine' };
  // A release that did not know its kind put it here. It has no events, so that its receipt is counted as such.
  if (isOfRejections({ header })) {
    const [unavailable] = (await countRejections(deps, [{ header, data }])).values();
    if (unavailable) throw unavailable;
  }
  const [fate] = await storeAndCount(deps, [{ header, data, found }], () => true);
  // Its receipt has changed since it was read: the record was discarded, or a consumer counted it.
  if (!fate || fate.outcome === 'met') return { outcome: 'not_in_quarantine' };
  if (fate.outcome !== 'counted') throw fate.error;
  const { stored, duplicates, conflicts } = fate.record;
  return { outcome: 'stored', stored, duplicates, conflicts };
}

/** The record is stored, so its payload is no longer needed. If the removal fails, the payload expires. */
const removePayload = (deps: ReplayDeps, entry: QuarantineEntry) =>
  bestEffort(deps, entry, 'its payload could not be removed and expires', () =>
    deps.failedRecords.remove(payloadName(entry.lane.tenant, entry.record)),
  );

async function bestEffort(
  { logger }: ReplayDeps,
  entry: QuarantineEntry,
  consequence: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    logger.warn(`a record is replayed; ${consequence}`, { ...namesOf(entry), ...errorFields(error) });
  }
}

const namesOf = ({ requestId, lane, record, reason }: QuarantineEntry) => ({
  request_id: requestId,
  ...lane.tenant,
  record,
  reason,
});
