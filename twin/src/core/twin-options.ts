// What a twin can be started with.

import { readPlan } from '../faults/plan.ts';
import type { Pages } from '../pages/pages.ts';
import type { UnusedGrant } from '../services/iam/unused-grants.ts';
import { assertFolderIsFree } from './folder-lock.ts';
import { assertPortIsFree } from './http/listen.ts';
import { type Report, whileStarting } from './service.ts';
import { StartFailed } from './start-in-phases.ts';

export type TwinOptions = {
  /** The port of the first REST API and the pages. 0, the default, takes any free one. */
  readonly port?: number;
  /** For data and logs; by default `.twin` in the working directory. */
  readonly folder?: string;
  /** Keeps no data; logs are still written to the folder. */
  readonly memory?: boolean;
  /** Where the twin's own pages are; `/_twin` by default. */
  readonly pagesPath?: string;
  /** Further pages, beside the twin's own; for what stands in for a service that is not AWS's. */
  readonly pages?: Pages;
  /** Of a function, by its label: beside those of the template, and in their place. `pagesUrl` is where the pages are. */
  readonly variables?: (label: string, pagesUrl: string) => Readonly<Record<string, string>>;
  /** How logs, counts, pages and fault rules call a function; by default its name. */
  readonly labelOf?: (functionName: string) => string;
  /** Batching windows of event source mappings last at most this long; by default as long as the template says. */
  readonly longestWindowMs?: number;
  /** How many environments a function without reserved concurrency has at most; by default twice the cores, or 4. */
  readonly environmentsPerFunction?: number;
  /** Makes data to begin with, by AWS calls to this address: before the API listens and faults are in force. */
  readonly seed?: (proxyUrl: string) => Promise<void>;
  /** Grants that nothing in the twin uses and that are right all the same. */
  readonly explainedGrants?: readonly UnusedGrant[];
  /** A fault plan, in force once everything has started. Rejects with InvalidFaultPlan before anything does. */
  readonly faults?: unknown;
  /** One line for each thing that went wrong while running; by default to the console. */
  readonly report?: Report;
  /** An engine is gone, and the twin cannot go on; by default a report. */
  readonly onLoss?: (message: string) => void;
};

/**
 * Before an assembly is made that would be in vain: checks the fault plan, the folder and the port. Rejects with
 * InvalidFaultPlan or StartFailed.
 */
export async function assertCanStart(options: TwinOptions): Promise<void> {
  const { port = 0, folder, memory = false, faults = { rules: [] } } = options;
  readPlan(faults);
  if (!memory && folder !== undefined) whileStarting('the data folder', () => assertFolderIsFree(folder));
  await assertPortIsFree(port).catch((error: Error) => {
    throw new StartFailed('the port', error);
  });
}
