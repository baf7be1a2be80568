// Settles one object that Lambda left in the bucket: each of its records is set aside where it has no receipt, and
// then the object goes. Done again, or by several at once, it ends in the same state.

import type { Logger } from '@aws-lambda-powertools/logger';
import { mapBounded } from '../../adapters/chunks.ts';
import { type EnvelopeHeader, openEnvelope, UnreadableEnvelope } from '../../domain/envelope.ts';
import type { FailedRecords } from '../../domain/ports.ts';
import type { QuarantineReason } from '../../domain/quarantine.ts';
import type { SetAside } from '../../domain/record-fate.ts';
import { causeOf, keepUnreadable, type SetAsideDeps, setAsideRecord } from '../shared/set-aside.ts';
import { type GivenUp, readFailure } from './failure.ts';

export type SettleObjectDeps = SetAsideDeps & {
  readonly failedRecords: Pick<FailedRecords, 'get' | 'put' | 'remove'>;
  readonly logger: Pick<Logger, 'error'>;
};

const recordsAtOnce = 4;

export async function settleObject(deps: SettleObjectDeps, name: string): Promise<void> {
  const object = await deps.failedRecords.get(name);
  // Somebody was quicker.
  if (!object) return;
  const { reason, records } = readFailure(object);
  await mapBounded(records, recordsAtOnce, (record) => settleRecord(deps, record, reason));
  await deps.failedRecords.remove(name);
}

async function settleRecord(
  deps: SettleObjectDeps,
  record: GivenUp,
  reason: QuarantineReason,
): Promise<void> {
  const { data } = record;
  const { header, setAside, error } = judge(data, reason);
  if (header) await setAsideRecord(deps, { header, data, setAside });
  else if (error) await keepUnreadable(deps, { ...record, error });
}

type Judgement = {
  readonly header?: EnvelopeHeader | undefined;
  readonly setAside: SetAside;
  readonly error?: UnreadableEnvelope;
};

function judge(data: Uint8Array, reason: QuarantineReason): Judgement {
  try {
    return { header: openEnvelope(data).header, setAside: { reason } };
  } catch (error) {
    if (!(error instanceof UnreadableEnvelope)) throw error;
    return { header: error.header, setAside: { reason: 'undecodable', cause: causeOf(error) }, error };
  }
}
