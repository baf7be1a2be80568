// GET /v1/quarantine: the quarantined records of the caller's account and environment, newest first.

import type { Quarantine } from '../../domain/quarantine/port.ts';
import type { QuarantineEntry } from '../../domain/quarantine/quarantine.ts';
import {
  maxEntriesRead,
  type QuarantineOfAccount,
  quarantineOfAccount,
} from '../../domain/quarantine/quarantine-list.ts';
import type { Clock } from '../../domain/system/port.ts';
import { fromContext } from '../edge/caller.ts';
import type { HttpRequest } from '../edge/http.ts';
import { queryOf } from '../edge/query.ts';

export type QuarantineDeps = {
  readonly quarantine: Pick<Quarantine, 'newest'>;
  readonly clock: Clock;
};

export async function readQuarantine(
  { quarantine, clock }: QuarantineDeps,
  request: HttpRequest,
): Promise<QuarantineOfAccount> {
  const { tenant } = fromContext(request.requestContext.authorizer);
  queryOf(request, 'GET /v1/quarantine');
  const read: QuarantineEntry[] = [];
  for await (const entry of quarantine.newest(tenant)) {
    if (read.length === maxEntriesRead) return quarantineOfAccount(read, false, clock.now());
    read.push(entry);
  }
  return quarantineOfAccount(read, true, clock.now());
}
