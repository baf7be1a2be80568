// Replays or discards one record in quarantine, as an operator's verbs do: the function settle does it. The entry of the
// audit log is written before, because settle knows nothing of who asks.

import type { Logger } from '@aws-lambda-powertools/logger';
import { auditEntry } from '../../domain/accounts/audit.ts';
import type { AuditLog } from '../../domain/accounts/port.ts';
import type { Quarantine, Settling } from '../../domain/quarantine/port.ts';
import type { SettleRequest } from '../../domain/quarantine/quarantine.ts';
import { receivedAtOfBatchId } from '../../domain/record/batch-id.ts';
import { splitRecordId } from '../../domain/record/record-id.ts';
import type { Clock } from '../../domain/system/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type HttpRequest, ProblemError } from '../edge/http.ts';
import type { Manager } from './manager.ts';
import { readRecord } from './wire.ts';

export type SettleDeps = {
  readonly quarantine: Pick<Quarantine, 'find'>;
  readonly settling: Settling;
  readonly auditLog: Pick<AuditLog, 'write'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'error'>;
};

/** The outcomes that are no problem. `under_way`: it takes longer than a request can wait. */
export type Settled = { readonly record: string } & (
  | {
      readonly outcome: 'stored';
      readonly stored: number;
      readonly duplicates: number;
      readonly conflicts: number;
    }
  | { readonly outcome: 'discarded' | 'under_way' }
);

class NothingKnown extends Unavailable {
  override readonly name = 'NothingKnown';
}

export async function settleRecord(
  { quarantine, settling, auditLog, clock, logger }: SettleDeps,
  { tenant, auditor }: Manager,
  action: SettleRequest['action'],
  request: HttpRequest,
): Promise<Settled> {
  const record = readRecord(request, action);
  const nowMs = clock.now();
  const receivedAtMs = receivedAtOfBatchId(splitRecordId(record).seed) ?? 0;
  // Its entry is found by its time and its id alone, and says which lane it is in.
  const entry = await quarantine.find({ lane: { tenant, slot: 0, late: false }, record, receivedAtMs });
  // DynamoDB deletes what has expired late.
  if (!entry || entry.expiresAtMs <= nowMs) throw new ProblemError('not_in_quarantine');
  const { account, environment } = tenant;
  const after = { events: entry.events, reason: entry.reason };
  const act = { account, environment, what: `quarantine.${action}`, record, after } as const;
  await auditLog.write([auditEntry(auditor, nowMs, act)]);
  const answer = await settling.settle({ action, lane: entry.lane, record, receivedAtMs });
  switch (answer.outcome) {
    case 'stored':
      return {
        record,
        outcome: 'stored',
        stored: answer.stored,
        duplicates: answer.duplicates,
        conflicts: answer.conflicts,
      };
    case 'discarded':
      return { record, outcome: 'discarded' };
    case 'under way':
      return { record, outcome: 'under_way' };
    case 'not_in_quarantine':
      throw new ProblemError('not_in_quarantine');
    case 'busy':
      throw new ProblemError('record_busy');
    case 'unavailable':
      throw new NothingKnown('Settle found a dependency unavailable');
    case 'crashed':
      logger.error('a record ended the function settle', { ...tenant, record });
      throw new ProblemError('replay_failed', { reason: answer.outcome });
    default:
      throw new ProblemError('replay_failed', { reason: answer.outcome });
  }
}
