// What was put off: replays of what an outage parked, and the second half of a discard. A chore that fails is put off
// again, so that it keeps no other from being done; a replay only a bounded number of times.

import type { Quarantine } from '../../domain/ports.ts';
import {
  type Chore,
  choreAgainAfterMs,
  nextReplayAfterMs,
  type QuarantineEntry,
  replayLeaseMs,
  type SettleAnswer,
} from '../../domain/quarantine.ts';
import { type DiscardDeps, finishDiscard } from './discard-record.ts';
import { type ReplayDeps, replayEntry } from './replay-record.ts';

export type ChoreDeps = ReplayDeps &
  DiscardDeps & { readonly quarantine: Pick<Quarantine, 'find' | 'lease' | 'release' | 'reschedule'> };

type Doing = (deps: ChoreDeps, chore: Chore) => Promise<void>;

const doings: Readonly<Record<Chore['kind'], Doing>> = {
  replay: async (deps, chore) => deps.quarantine.reschedule(chore, await replayByItself(deps, chore)),
  discard: finishByItself,
};

export const doChore: Doing = (deps, chore) => doings[chore.kind](deps, chore);

/** When it is to be done again; undefined: never. */
async function replayByItself(
  deps: ChoreDeps,
  { tenant, record, receivedAtMs }: Chore,
): Promise<number | undefined> {
  const entry = await deps.quarantine.find(tenant, record, receivedAtMs);
  // Whoever died at it has counted as an attempt too: one that ends the function each time comes to an end.
  if (!entry || nextReplayAfterMs(entry.attempts) === undefined) return undefined;
  const waitMs = waits[await outcomeOf(deps, entry)](entry.attempts + 1);
  return waitMs === undefined ? undefined : deps.clock.now() + waitMs;
}

async function outcomeOf(deps: ChoreDeps, entry: QuarantineEntry): Promise<Outcome> {
  try {
    return (await replayEntry(deps, entry)).outcome;
  } catch (error) {
    deps.logger.warn('a record is not replayed', { ...entry.tenant, record: entry.record, error });
    return 'unavailable';
  }
}

type Outcome = SettleAnswer['outcome'];

const never = () => undefined;
const waits: Readonly<Record<Outcome, (attempts: number) => number | undefined>> = {
  stored: never,
  discarded: never,
  not_in_quarantine: never,
  payload_gone: never,
  undecodable: nextReplayAfterMs,
  failed: nextReplayAfterMs,
  unavailable: nextReplayAfterMs,
  // Whoever is at it is done by then, or gone.
  busy: () => replayLeaseMs,
};

/** Put off before it is begun: were it to end the function, the chores behind it would never get their turn. */
async function finishByItself(deps: ChoreDeps, chore: Chore): Promise<void> {
  const dueAtMs = deps.clock.now() + choreAgainAfterMs;
  await deps.quarantine.reschedule(chore, dueAtMs);
  await finishDiscard(deps, chore);
  await deps.quarantine.reschedule({ ...chore, dueAtMs }, undefined);
}
