// Pages in memory. A later write of a key replaces the earlier one.

import type { Page, PageKey, PageRange } from '../../domain/storing/pages.ts';
import type { Pages } from '../../domain/storing/port.ts';

export class MemoryPages implements Pages {
  readonly written = new Map<string, Page>();

  async write(pages: readonly Page[]): Promise<readonly PageKey[]> {
    for (const page of pages) this.written.set(`${page.pk}#${page.sk}`, page);
    return [];
  }

  async read({ pk, first, last }: PageRange): Promise<readonly Page[]> {
    return [...this.written.values()].filter((page) => page.pk === pk && page.sk >= first && page.sk <= last);
  }

  async remove(keys: readonly PageKey[]): Promise<void> {
    for (const { pk, sk } of keys) this.written.delete(`${pk}#${sk}`);
  }

  /** The ids of all stored events, in no order. */
  eventIds(): string[] {
    return [...this.written.values()].flatMap(({ events }) => events.map((event) => event.event_id));
  }
}
