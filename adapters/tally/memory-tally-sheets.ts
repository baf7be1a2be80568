// Tally sheets in memory.

import { openSheetSortKey } from '../../domain/keys.ts';
import type { TallySheets } from '../../domain/tally/port.ts';
import {
  type OpenSheet,
  packTallied,
  type Sheet,
  type SheetPlace,
  unpackTallied,
} from '../../domain/tally/sheet.ts';

const nameOf = ({ quarterMs, name }: SheetPlace): string => openSheetSortKey(quarterMs, name);

export class MemoryTallySheets implements TallySheets {
  readonly sheets = new Map<string, Sheet>();
  readonly #open = new Set<string>();

  async put(sheets: readonly Sheet[]): Promise<void> {
    for (const sheet of sheets) {
      this.sheets.set(nameOf(sheet), { ...sheet, tallied: unpackTallied(packTallied(sheet.tallied)) });
      this.#open.add(nameOf(sheet));
    }
  }

  async *open(): AsyncGenerator<OpenSheet> {
    for (const name of [...this.#open].toSorted()) {
      const sheet = this.sheets.get(name);
      if (!sheet) continue;
      const { quarterMs, records, events, arrivedToMs } = sheet;
      yield { quarterMs, name: sheet.name, records, events, arrivedToMs };
    }
  }

  async find(places: readonly SheetPlace[]): Promise<readonly Sheet[]> {
    return places.flatMap((place) => this.sheets.get(nameOf(place)) ?? []);
  }

  async *ofQuarter(quarterMs: number): AsyncGenerator<Sheet> {
    for (const name of [...this.sheets.keys()].toSorted()) {
      const sheet = this.sheets.get(name);
      if (sheet?.quarterMs === quarterMs) yield sheet;
    }
  }

  async close(places: readonly SheetPlace[]): Promise<void> {
    for (const place of places) this.#open.delete(nameOf(place));
  }
}
