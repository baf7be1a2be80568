// For a report where nothing was tallied, and no account was ever deleted.

import { MemoryTallySheets } from '../../adapters/tally/memory-tally-sheets.ts';

export const nothingTallied = {
  sheets: new MemoryTallySheets(),
  generations: { find: async () => new Map<string, number>() },
};
