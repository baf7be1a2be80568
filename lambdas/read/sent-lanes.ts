// What an account has sent to each lane, for `as_of`. One read of the ledger.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Lane, Tenant } from '../../domain/keys.ts';
import type { Use } from '../../domain/limits/port.ts';
import { nameOfLane } from '../../domain/limits/sent.ts';
import type { SentToLane } from '../../domain/reading/as-of.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { errorFields } from '../runtime/error-fields.ts';

export type SentLanesDeps = {
  readonly eventUse: Pick<Use, 'find'>;
  readonly logger: Pick<Logger, 'warn'>;
};

export type SentTo = (lane: Lane) => SentToLane;

/** Before receipts are read. Without the ledger there is an answer, which is complete only up to what is decided. */
export async function readSent(
  { eventUse, logger }: SentLanesDeps,
  tenant: Tenant,
  nowMs: number,
): Promise<SentTo> {
  try {
    const { sent = {} } = await eventUse.find(tenant, nowMs);
    return (lane) => sent[nameOfLane(lane)];
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    logger.warn('what an account has sent is unavailable', errorFields(error));
    return () => 'unknown';
  }
}
