// Runs Weir on this machine: synthesizes its app, starts the twin on it, and makes the first accounts.

import { join } from 'node:path';
import { assertCanStart, type Pages, startTwin, type Twin, type TwinOptions, WrongInput } from '@weir/twin';
import type { CreatedAccount } from '../cli/account/create.ts';
import { renderApiPage } from './api-page.ts';
import { ensureDemoAccounts } from './demo-accounts.ts';
import { createTestIssuer, type TestIssuer } from './issuer.ts';
import { createSuite, type Suite } from './suite/suite.ts';
import { suitePages } from './suite/suite-pages.ts';
import { type SynthesisOptions, synthesize, useAssembly } from './synthesize.ts';
import { unusedGrants } from './unused-grants.ts';

export type WeirOptions = Pick<
  TwinOptions,
  | 'port'
  | 'memory'
  | 'folder'
  | 'faults'
  | 'report'
  | 'onLoss'
  | 'longestWindowMs'
  | 'environmentsPerFunction'
> & {
  /** The folder that holds cdk.json. */
  readonly project?: string;
  readonly stage?: string;
  /** An existing cloud assembly. Without one the app is synthesized, unless its sources have not changed. */
  readonly assembly?: string | undefined;
  /** The first accounts, unless the folder holds some already. */
  readonly accountIds?: readonly string[];
  /** Called before the app is synthesized. */
  readonly onSynthesis?: SynthesisOptions['onSynthesis'];
};

export type RunningWeir = Twin & {
  readonly accounts: readonly CreatedAccount[];
  /** Whose tokens it accepts. */
  readonly issuer: TestIssuer;
  /** What test suites ask it. */
  readonly suite: Suite;
  /** The cloud assembly that runs. */
  readonly assemblyFolder: string;
};

/** The path of the twin's pages, beside the API. */
export const pagesPath = '/_weir';

const projectFolder = join(import.meta.dirname, '..');

export async function startWeir(options: WeirOptions = {}): Promise<RunningWeir> {
  const {
    project = projectFolder,
    stage = 'dev',
    accountIds = [],
    assembly,
    onSynthesis,
    ...ofTwin
  } = options;
  const { folder = join(project, '.weir'), memory = false } = options;
  const file = memory ? undefined : join(folder, 'demo-account.json');
  // Checked first, since a synthesis takes seconds.
  if (assembly === undefined) await assertCanStart({ ...ofTwin, folder });
  const assemblyFolder =
    assembly ?? (await synthesize({ project, stage, folder: join(folder, 'assembly'), onSynthesis }));
  const release = useAssembly(assemblyFolder);
  let accounts: readonly CreatedAccount[] = [];
  let running: Twin | undefined;
  try {
    // Tokens expire by the twin's clock.
    const issuer = await createTestIssuer(() => running?.clock.now() ?? Date.now());
    const suite = createSuite(stage, () => {
      if (running === undefined) throw new WrongInput('The platform starts. Wait a second, then try again.');
      return running;
    });
    const twin = await startTwin(assemblyFolder, {
      ...ofTwin,
      folder,
      pagesPath,
      pages: {
        ...suitePages(suite, () => running?.clock.now() ?? Date.now()),
        ...issuer.pages,
        ...apiPages(() => running?.url),
      },
      variables: (label, pagesUrl) => {
        if (label === 'authorize') return issuer.variables(pagesUrl);
        // The pages are beside the API.
        return label === 'probe' ? { API_URL: pagesUrl.slice(0, -pagesPath.length) } : {};
      },
      labelOf: functionVerb,
      explainedGrants: unusedGrants,
      seed: async (proxyUrl) => {
        accounts = await ensureDemoAccounts({ stage, proxyUrl, accountIds, file });
      },
    });
    running = twin;
    return { ...twin, accounts, issuer, suite, assemblyFolder, stop: () => twin.stop().finally(release) };
  } catch (error) {
    release();
    throw error;
  }
}

/** `urlOf`: undefined until the twin runs. */
const apiPages = (urlOf: () => string | undefined): Pages => ({
  'GET /api': {
    about: 'the routes of the API, to read in a browser: parameters, answers, problems and examples',
    isHtml: true,
    answer: async () => {
      const url = urlOf();
      const document = url === undefined ? undefined : await fetch(`${url}/v1/openapi.json`);
      if (url === undefined || !document?.ok)
        throw new WrongInput(
          'The platform does not answer GET /v1/openapi.json. Wait a second, then try again.',
        );
      return renderApiPage(await document.text(), url);
    },
  },
});

/** `ingest` of `weir-dev-ingest`. */
export function functionVerb(functionName: string): string {
  return functionName.replace(/^weir-[a-z0-9]+-/, '');
}
