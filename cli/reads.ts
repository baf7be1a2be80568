// `weir audit --reads`: who read the data of an account, from the access log of the API.

import type { AccountRead } from '../domain/accounts/reads.ts';
import { dayMs, iso } from '../domain/system/time.ts';
import type { Operator } from './operator.ts';
import type { Result } from './verb.ts';

/** The log has a line for every request of every account, and is searched as a whole. */
export const usualReadsMs = dayMs;

export async function listReads(
  operator: Operator,
  account: string,
  range: { readonly fromMs: number; readonly toMs: number },
): Promise<Result> {
  const reads = await (await operator.accessLog()).reads(account, range);
  return { json: { account_id: account, reads: reads.map(toShownRead) }, text: renderReads(reads) };
}

const toShownRead = ({ atMs, who, route, status, from, requestId }: AccountRead) => ({
  at: iso(atMs),
  who,
  route,
  status,
  from,
  request_id: requestId,
});

/** As entries of the log are: what was done, and by whom. A name of a person can be long. */
const renderReads = (reads: readonly AccountRead[]): string =>
  reads.length === 0
    ? 'Nothing of the account was read in this time.'
    : reads
        .map(
          ({ atMs, who, from, status, route }) => `${iso(atMs)}  ${status}  ${route}\n  ${who} from ${from}`,
        )
        .join('\n');
