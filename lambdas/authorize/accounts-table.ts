// All reads of the accounts table by an instance of authorize, whomever they are about. The first that fails tells of the
// others: while the table is away nobody waits for it, neither a key nor a person, known or unknown.

import { Breaker, type BreakerSettings } from '../../domain/system/breaker.ts';
import type { Clock } from '../../domain/system/port.ts';
import { secondMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

/** The first failure opens it: a request that waits for a table that does not answer waits for most of its 3 s. */
const accountsBreaker: BreakerSettings = { failures: 1, failingMs: 0, firstOpenMs: 1000, maxOpenMs: 8000 };

/** A partition that refuses is read again after it, for each name that is known. */
export const partitionPauseMs = secondMs;

/** Throws AccountsUnavailable without a read while the table is away. */
export type ReadAccounts = <T>(read: () => Promise<T>) => Promise<T>;

/** The table was not read: it failed a moment ago. */
export class AccountsUnavailable extends Unavailable {
  override readonly name = 'AccountsUnavailable';
}

export function createReadAccounts(clock: Clock): ReadAccounts {
  const breaker = new Breaker({ clock, settings: accountsBreaker });
  return async (read) => {
    const call = breaker.admit();
    if (!call) throw new AccountsUnavailable('The accounts table could not be read a moment ago');
    try {
      const found = await read();
      call.succeeded();
      return found;
    } catch (error) {
      // A table that refuses one partition answers for the others.
      const isDown = error instanceof Unavailable && !error.isOfPartition;
      call[isDown ? 'failed' : 'succeeded']();
      throw error;
    }
  };
}
