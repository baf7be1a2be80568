// What may pass is survived: the records concerned stay open, and are tried again. Everything else is a bug.

import { Unavailable } from '../../domain/ports.ts';
import type { EnvelopeHeader } from '../../domain/record/envelope.ts';
import { requestsOf } from '../storing/record-telemetry.ts';
import type { TellDeps } from './tell-records.ts';

/** Undefined where a dependency is unavailable. */
export async function surviving<T>(
  { logger }: Pick<TellDeps, 'logger'>,
  concerned: readonly EnvelopeHeader[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    logger.warn('a dependency is unavailable; holding on', {
      error,
      records: concerned.length,
      requests: requestsOf(concerned),
    });
    return undefined;
  }
}
