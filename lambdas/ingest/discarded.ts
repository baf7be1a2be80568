// The answer of an idempotency key is kept for a day. If an operator discards the batch meanwhile, that answer would let a
// client believe that its events are stored.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Lanes } from '../../domain/counting/port.ts';
import type { Tenant } from '../../domain/keys.ts';
import { placesOf } from '../../domain/reading/batch-receipt.ts';
import { readBatchId } from '../../domain/record/batch-id.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { errorFields } from '../runtime/error-fields.ts';

export type DiscardedDeps = {
  readonly readReceipts: Lanes['receipts'];
  readonly platformKeys: Pick<PlatformKeys, 'find'>;
  readonly logger: Pick<Logger, 'warn'>;
};

export type AnsweredBatch = { readonly tenant: Tenant; readonly batchId: string; readonly keyNumber: number };

/** How many events of the batch were discarded. 0 if that cannot be told: the stream has acknowledged the batch. */
export async function discardedEvents(
  { readReceipts, platformKeys, logger }: DiscardedDeps,
  { tenant, batchId, keyNumber }: AnsweredBatch,
): Promise<number> {
  try {
    const key = await platformKeys.find(keyNumber);
    const known = key && readBatchId(batchId, tenant, key.secret);
    if (!known) return 0;
    const found = await readReceipts(placesOf(batchId, known, tenant));
    return found.reduce((sum, { state, accepted }) => sum + (state === 'discarded' ? accepted : 0), 0);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    logger.warn('receipts are unavailable; a kept answer is given without them', errorFields(error));
    return 0;
  }
}
