// Finds one stored event by its id. Its claim names its page. An id that was made here may have no claim: then its own
// record has it, and the receipt of that record says how wide its pages are.

import type { Lanes } from '../../domain/counting/port.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { identityKey, type Tenant } from '../../domain/keys.ts';
import { hasMark, readMadeId } from '../../domain/record/made-id.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import { placeOfOrigin } from '../../domain/storing/origin.ts';
import { type PageRange, pageOfPointer, pagesOfWindow } from '../../domain/storing/pages.ts';
import type { Identities, Pages } from '../../domain/storing/port.ts';
import type { Clock } from '../../domain/system/port.ts';

export type FindEventDeps = {
  readonly identities: Pick<Identities, 'find'>;
  readonly pages: Pick<Pages, 'read'>;
  readonly lanes: Pick<Lanes, 'receipts'>;
  readonly platformKeys: Pick<PlatformKeys, 'find'>;
  readonly clock: Pick<Clock, 'now'>;
};

/**
 * Undefined if no page has it, or its retention has ended. A claimed id is found once its page is written, although its
 * record may not be counted yet, or be in quarantine.
 */
export async function findEvent(
  deps: FindEventDeps,
  tenant: Tenant,
  eventId: string,
): Promise<AcceptedEvent | undefined> {
  const claim = await deps.identities.find(identityKey(tenant, eventId));
  const claimed = claim && (await findOnPages(deps, pageOfPointer(tenant, claim.page), eventId));
  return claimed ?? findOfOrigin(deps, tenant, eventId);
}

async function findOfOrigin(
  deps: FindEventDeps,
  tenant: Tenant,
  eventId: string,
): Promise<AcceptedEvent | undefined> {
  const id = readMadeId(eventId);
  const key = id && (await deps.platformKeys.find(id.keyNumber));
  if (!key || !hasMark(eventId, tenant, key.secret)) return undefined;
  const [receipt] = await deps.lanes.receipts([placeOfOrigin(tenant, id)]);
  if (receipt?.state !== 'counted' || receipt.pageWidth === undefined) return undefined;
  return findOnPages(deps, pagesOfWindow(tenant, id, receipt.pageWidth), eventId);
}

async function findOnPages(
  { pages, clock }: FindEventDeps,
  range: PageRange,
  eventId: string,
): Promise<AcceptedEvent | undefined> {
  const nowMs = clock.now();
  return (await pages.read(range))
    .filter(({ expiresAtMs }) => expiresAtMs >= nowMs)
    .flatMap(({ events }) => events)
    .find(({ event_id }) => event_id === eventId);
}
