// Converts pages to and from DynamoDB items. Most pages hold about eight events, and their cost depends on whether
// these fit into the 1 KB of a write unit. So attribute names are short, and the compression level of small pages is the
// highest whose CPU does not matter (bench/consume.ts).

import type { AcceptedEvent } from '../../domain/event/event.ts';
import { fullIdOf, type IdSource, shortIdOf } from '../../domain/record/made-id.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import type { Page } from '../../domain/storing/pages.ts';
import type { UnpackedPage } from '../../domain/storing/port.ts';
import { packText, unpackText } from '../../domain/system/packed-text.ts';
import { dayMs, epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';

/** For more than so much text, level 5 takes three times as long as level 1 and saves next to nothing. */
const smallBytes = 8 * 1024;

export function toPageItem(page: Page): Item {
  return {
    pk: page.pk,
    sk: page.sk,
    n: page.events.length,
    r: page.receivedAtMs,
    g: page.region,
    b: packEvents(JSON.stringify(page.events.map(shortened))),
    ttl: epochSeconds(page.expiresAtMs),
  };
}

/** `expiresAtMs` comes back in whole seconds. */
export function fromPageItem(item: Item): Page {
  const { bytes: _, ...page } = unpackPageItem(item);
  return page;
}

export function unpackPageItem(item: Item): UnpackedPage {
  const [pk, sk, receivedAtMs] = [String(item.pk), String(item.sk), Number(item.r)];
  const expiresAtMs = Number(item.ttl) * 1000;
  const source = {
    slot: Number(pk.split('#')[3]),
    record: sk.split('#')[2] as RecordId,
    receivedAtMs,
    retentionDays: Math.round((expiresAtMs - receivedAtMs) / dayMs),
  };
  const text = unpackText(item.b as Uint8Array);
  const stored = JSON.parse(text.toString()) as AcceptedEvent[];
  return {
    pk,
    sk,
    events: stored.map((event) => withFullId(event, source)),
    receivedAtMs,
    region: String(item.g),
    expiresAtMs,
    bytes: text.length,
  };
}

const packEvents = (text: string): Uint8Array => packText(text, text.length > smallBytes ? 1 : 5);

/** Most of an id that ingest made follows from the page, and does not compress. */
const shortened = (event: AcceptedEvent): AcceptedEvent =>
  isMade(event) ? { ...event, event_id: shortIdOf(event.event_id) } : event;

const withFullId = (event: AcceptedEvent, source: Omit<IdSource, 'timestamp'>): AcceptedEvent =>
  isMade(event)
    ? { ...event, event_id: fullIdOf(event.event_id, { ...source, timestamp: event.timestamp }) }
    : event;

const isMade = ({ made }: AcceptedEvent): boolean => made?.includes('event_id') === true;
