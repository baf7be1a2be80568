// One running twin for all flows in test/flow/shared that one worker runs. A flow there makes accounts of its own, takes
// the time from the twin's clock, removes its faults, and leaves no record in quarantine.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it as baseIt, inject } from 'vitest';
import { sheddingRules } from '../../domain/limits/shedding.ts';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { hurried } from './hurried.ts';
import { removeTwinFolder } from './logs.ts';

export type SharedWeir = {
  readonly twin: RunningWeir;
  /** Holds its logs. */
  readonly folder: string;
  /** What it reported since it started. */
  readonly reports: string[];
};

// biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures this one needs.
const withWeir = baseIt.extend('weir', { scope: 'worker' }, async ({}, { onCleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-shared-'));
  const reports: string[] = [];
  const twin = await startWeir({
    ...hurried,
    folder,
    assembly: inject('assembly'),
    report: (problem) => reports.push(problem),
  });
  onCleanup(async () => {
    await twin.stop();
    removeTwinFolder(folder);
  });
  const shared: SharedWeir = { twin, folder, reports };
  return shared;
});

/** Before each file: what ingest knows of a backlog of the flows before is of long ago. */
export const it = withWeir.extend('afterBacklogs', { scope: 'file', auto: true }, async ({ weir }) => {
  weir.twin.clock.moveBy(sheddingRules.knownForMs);
});
