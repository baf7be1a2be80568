// Pages in memory. A later write of a key replaces the earlier one.

import type { Page, PageKey, PageRange } from '../../domain/storing/pages.ts';
import type { PageSlice, Pages, SliceOf, UnpackedPage } from '../../domain/storing/port.ts';

export class MemoryPages implements Pages {
  readonly written = new Map<string, Page>();

  async write(pages: readonly Page[]): Promise<readonly PageKey[]> {
    for (const page of pages) this.written.set(`${page.pk}#${page.sk}`, page);
    return [];
  }

  async read({ pk, first, last }: PageRange): Promise<readonly Page[]> {
    return [...this.written.values()].filter((page) => page.pk === pk && page.sk >= first && page.sk <= last);
  }

  /** A page takes as many units as its events would as JSON. */
  async slice(
    range: PageRange,
    { isBackwards, limit, after }: SliceOf,
    take: (page: UnpackedPage) => boolean,
  ): Promise<PageSlice> {
    const inOrder = (await this.read(range)).toSorted((one, other) => (one.sk < other.sk ? -1 : 1));
    const all = isBackwards ? inOrder.toReversed() : inOrder;
    const isLeft = ({ sk }: Page) => after === undefined || (isBackwards ? sk < after : sk > after);
    const left = all.filter(isLeft);
    const pages = left.slice(0, limit);
    const bytesOf = ({ events }: Page) => JSON.stringify(events).length;
    const bytes = pages.reduce((sum, page) => sum + bytesOf(page), 0);
    const units = Math.max(1, Math.ceil(bytes / 4096)) / 2;
    for (const [index, page] of pages.entries())
      if (!take({ ...page, bytes: bytesOf(page) })) return { pages: index + 1, units, next: page.sk };
    const last = pages.at(-1);
    return { pages: pages.length, units, ...(last && pages.length === limit && { next: last.sk }) };
  }

  async remove(keys: readonly PageKey[]): Promise<void> {
    for (const { pk, sk } of keys) this.written.delete(`${pk}#${sk}`);
  }

  /** The ids of all stored events, in no order. */
  eventIds(): string[] {
    return [...this.written.values()].flatMap(({ events }) => events.map((event) => event.event_id));
  }
}
