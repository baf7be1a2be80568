// Replays one quarantined record with its own id, under a lease. Claims and pages of earlier tries belong to the record,
// so it is counted once, however often it is replayed.

import type { Logger } from '@aws-lambda-powertools/logger';
import { payloadName } from '../../domain/keys.ts';
import type { FailedRecords, Quarantine } from '../../domain/quarantine/port.ts';
import {
  type QuarantineEntry,
  replayLeaseMs,
  type SettleAnswer,
  type SettleRequest,
} from '../../domain/quarantine/quarantine.ts';
import { decodeEnvelope, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { recordName, recordNameOf } from '../../domain/record/record-id.ts';
import type { Counts } from '../../domain/storing/port.ts';
import { errorFields } from '../runtime/error-fields.ts';
import { type CountDeps, countFold } from '../storing/count-records.ts';
import { failureOf } from '../storing/quarantine-records.ts';
import { measureCounted } from '../storing/record-telemetry.ts';
import { type StoreDeps, storeRecord } from '../storing/store-record.ts';

export type ReplayDeps = StoreDeps &
  CountDeps & {
    readonly counts: Pick<Counts, 'receipts' | 'documents' | 'commit'>;
    readonly quarantine: Pick<Quarantine, 'find' | 'lease' | 'release'>;
    readonly failedRecords: Pick<FailedRecords, 'get' | 'remove'>;
    readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  };

export async function replayRecord(
  deps: ReplayDeps,
  { tenant, record, receivedAtMs }: Omit<SettleRequest, 'action'>,
): Promise<SettleAnswer> {
  const entry = await deps.quarantine.find(tenant, record, receivedAtMs);
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

async function storeAgain(deps: ReplayDeps, { tenant, record }: QuarantineEntry): Promise<SettleAnswer> {
  const [found] = await deps.counts.receipts([{ tenant, record }]);
  if (found?.state !== 'quarantined') return { outcome: 'not_in_quarantine' };
  const data = await deps.failedRecords.get(payloadName(tenant, record));
  if (!data) return { outcome: 'payload_gone' };
  const envelope = decodeEnvelope(data);
  if (recordNameOf(envelope.header) !== recordName(tenant, record))
    throw new UnreadableEnvelope('its header names another record');
  const outcome = await storeRecord(deps, { envelope, bytes: data.length, found });
  const [counted] = await countFold(deps, [outcome]);
  // Its receipt has changed since it was read: the record was discarded, or a consumer counted it.
  if (!counted) return { outcome: 'not_in_quarantine' };
  measureCounted(deps.meter, counted);
  const { stored, duplicates, conflicts } = counted;
  return { outcome: 'stored', stored, duplicates, conflicts };
}

/** The record is stored, so its payload is no longer needed. If the removal fails, the payload expires. */
const removePayload = (deps: ReplayDeps, entry: QuarantineEntry) =>
  bestEffort(deps, entry, 'its payload could not be removed and expires', () =>
    deps.failedRecords.remove(payloadName(entry.tenant, entry.record)),
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

const namesOf = ({ requestId, tenant, record, reason }: QuarantineEntry) => ({
  request_id: requestId,
  ...tenant,
  record,
  reason,
});
