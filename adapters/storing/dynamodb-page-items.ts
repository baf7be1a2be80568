// Converts pages to and from DynamoDB items. Most pages hold about eight events, and their cost depends on whether
// these fit into the 1 KB of a write unit. So attribute names are short, and the compression level is the highest
// whose CPU does not matter (bench/consume.ts).

import { constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import type { Page } from '../../domain/storing/pages.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';

const zstd = { params: { [zlib.ZSTD_c_compressionLevel]: 5 } };

export function toPageItem(page: Page): Item {
  return {
    pk: page.pk,
    sk: page.sk,
    n: page.events.length,
    r: page.receivedAtMs,
    g: page.region,
    b: zstdCompressSync(JSON.stringify(page.events), zstd),
    ttl: epochSeconds(page.expiresAtMs),
  };
}

/** `expiresAtMs` comes back in whole seconds. */
export function fromPageItem(item: Item): Page {
  return {
    pk: String(item.pk),
    sk: String(item.sk),
    events: JSON.parse(zstdDecompressSync(item.b as Uint8Array).toString()) as AcceptedEvent[],
    receivedAtMs: Number(item.r),
    region: String(item.g),
    expiresAtMs: Number(item.ttl) * 1000,
  };
}
