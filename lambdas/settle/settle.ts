// Settles dead letters that arrive in the bucket, runs scheduled jobs, and replays or discards a record for an
// operator. Every step may be repeated, and run by several invocations at once.

import type { SettleAnswer, SettleRequest } from '../../domain/quarantine/quarantine.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { errorFields } from '../runtime/error-fields.ts';
import { discardRecord } from './discard-record.ts';
import { replayRecord } from './replay-record.ts';
import { settleObject } from './settle-object.ts';
import { type SweepDeps, type SweepResult, sweep } from './sweep.ts';
import { readTask } from './wire.ts';

export type SettleDeps = SweepDeps;

const answers: Readonly<
  Record<SettleRequest['action'], (deps: SettleDeps, request: SettleRequest) => Promise<SettleAnswer>>
> = { replay: replayRecord, discard: discardRecord };

export const createSettle =
  (deps: SettleDeps) =>
  async (event: unknown, remainingMs: () => number): Promise<SettleAnswer | SweepResult | undefined> => {
    const task = readTask(event);
    if (task.kind === 'sweep') return sweep(deps, remainingMs);
    if (task.kind === 'request') return answer(deps, task.request);
    await settleObject(deps, task.name);
    return undefined;
  };

/** An operator waits for the answer, and must not mistake an outage for a record at fault. */
async function answer(deps: SettleDeps, request: SettleRequest): Promise<SettleAnswer> {
  try {
    return await answers[request.action](deps, request);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    deps.logger.warn('a dependency is unavailable', {
      ...errorFields(error),
      ...request.lane.tenant,
      record: request.record,
    });
    return { outcome: 'unavailable' };
  }
}
