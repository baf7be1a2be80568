// The sheets of what tally found on the streams, and which of them are open: those that may have records without an outcome.

import type { OpenSheet, Sheet, SheetPlace } from './sheet.ts';

export type TallySheets = {
  /** Each is open then. Rejects unless all are stored; put again, they are the same. */
  put(sheets: readonly Sheet[]): Promise<void>;
  /** Oldest first. */
  open(): AsyncIterable<OpenSheet>;
  /** Those that are there, in no order. */
  find(places: readonly SheetPlace[]): Promise<readonly Sheet[]>;
  /** Those of one quarter of an hour, open or not. */
  ofQuarter(quarterMs: number): AsyncIterable<Sheet>;
  /** They stay, and are not open any more. */
  close(places: readonly SheetPlace[]): Promise<void>;
};
