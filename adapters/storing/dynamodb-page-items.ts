// Pages as items. Most hold some eight events, and whether those fit the kilobyte that a write unit pays for is what
// their cost turns on: so names are short and the level is the best that costs nothing to speak of (bench/consume.ts).

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

/** When it expires is known to the second. */
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
