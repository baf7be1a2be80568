// Finds one event by its id, if it is stored and counted. Its claim names its page. An id that was made here may have no
// claim: then its own record has it, and the receipt of that record says how wide its pages are.

import type { Retention } from '../../domain/accounts/retention.ts';
import type { Lanes } from '../../domain/counting/port.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { identityKey, type Tenant } from '../../domain/keys.ts';
import { visibleFromMs } from '../../domain/reading/visible.ts';
import { hasMark, readMadeId } from '../../domain/record/made-id.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import { placeOfOrigin } from '../../domain/storing/origin.ts';
import {
  type Page,
  type PageRange,
  pageOfPointer,
  pagesOfWindow,
  placeOfPage,
} from '../../domain/storing/pages.ts';
import type { Identities, Pages } from '../../domain/storing/port.ts';
import type { Clock } from '../../domain/system/port.ts';

export type FindEventDeps = {
  readonly identities: Pick<Identities, 'find'>;
  readonly pages: Pick<Pages, 'read'>;
  readonly lanes: Pick<Lanes, 'counted' | 'receipts'>;
  readonly platformKeys: Pick<PlatformKeys, 'find'>;
  readonly clock: Pick<Clock, 'now'>;
};

export type FoundEvent = { readonly event: AcceptedEvent; readonly receivedAtMs: number };

/** A caller. */
export type EventsOf = Retention & { readonly tenant: Tenant };

/** Undefined if it is in flight, in quarantine or unknown, or hidden. */
export async function findEvent(
  deps: FindEventDeps,
  of: EventsOf,
  eventId: string,
): Promise<FoundEvent | undefined> {
  const { tenant } = of;
  const claim = await deps.identities.find(identityKey(tenant, eventId));
  const claimed = claim && (await findClaimed(deps, of, claim.page, eventId));
  return claimed ?? findOfOrigin(deps, of, eventId);
}

async function findClaimed(
  deps: FindEventDeps,
  of: EventsOf,
  pointer: string,
  eventId: string,
): Promise<FoundEvent | undefined> {
  const { tenant } = of;
  const found = await findOnPages(deps, of, pageOfPointer(tenant, pointer), eventId);
  if (!found) return undefined;
  const place = placeOfPage(tenant, found.page);
  return (await deps.lanes.counted([place])).counted.has(place.record) ? found : undefined;
}

async function findOfOrigin(
  deps: FindEventDeps,
  of: EventsOf,
  eventId: string,
): Promise<FoundEvent | undefined> {
  const { tenant } = of;
  const id = readMadeId(eventId);
  const key = id && (await deps.platformKeys.find(id.keyNumber));
  if (!key || !hasMark(eventId, tenant, key.secret)) return undefined;
  const [receipt] = await deps.lanes.receipts([placeOfOrigin(tenant, id)]);
  if (receipt?.state !== 'counted' || receipt.pageWidth === undefined) return undefined;
  return findOnPages(deps, of, pagesOfWindow(tenant, id, receipt.pageWidth), eventId);
}

async function findOnPages(
  { pages, clock }: FindEventDeps,
  of: EventsOf,
  range: PageRange,
  eventId: string,
): Promise<(FoundEvent & { readonly page: Page }) | undefined> {
  const fromMs = visibleFromMs(of, clock.now());
  for (const page of await pages.read(range)) {
    const event = page.events.find(({ event_id, timestamp }) => event_id === eventId && timestamp >= fromMs);
    if (event) return { event, page, receivedAtMs: page.receivedAtMs };
  }
  return undefined;
}
