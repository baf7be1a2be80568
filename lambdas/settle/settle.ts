// Settles what arrives in the bucket of failed records, does what was put off, and does what operators ask: replays a
// record, or discards it. Every step can be done again, and by several at once.

import type { SettleAnswer, SettleRequest } from '../../domain/quarantine/quarantine.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { discardRecord } from './discard-record.ts';
import { replayRecord } from './replay-record.ts';
import { settleObject } from './settle-object.ts';
import { type SweepDeps, type Swept, sweep } from './sweep.ts';
import { readTask } from './wire.ts';

export type SettleDeps = SweepDeps;

const answers: Readonly<
  Record<SettleRequest['action'], (deps: SettleDeps, request: SettleRequest) => Promise<SettleAnswer>>
> = { replay: replayRecord, discard: discardRecord };

export const createSettle =
  (deps: SettleDeps) =>
  async (event: unknown, remainingMs: () => number): Promise<SettleAnswer | Swept | undefined> => {
    const task = readTask(event);
    if (task.kind === 'sweep') return sweep(deps, remainingMs);
    if (task.kind === 'request') return answer(deps, task.request);
    await settleObject(deps, task.name);
    return undefined;
  };

/** An operator waits for it, and shall not take an outage for a record at fault. */
async function answer(deps: SettleDeps, request: SettleRequest): Promise<SettleAnswer> {
  try {
    return await answers[request.action](deps, request);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    deps.logger.warn('a dependency is unavailable', { error, ...request.tenant, record: request.record });
    return { outcome: 'unavailable' };
  }
}
