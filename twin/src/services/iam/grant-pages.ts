// What functions may do, and what of it they did.

import type { Pages } from '../../pages/pages.ts';
import { unexplained } from './audit.ts';
import type { Grants } from './grant-usage.ts';
import type { UnusedGrant } from './unused-grants.ts';

export function grantPages(grants: () => Grants, explained: readonly UnusedGrant[]): Pages {
  /** An app may explain what a function uses that this template leaves out. */
  const ofTemplate = () => explained.filter(({ of }) => of === undefined || of in grants());
  return {
    'GET /grants': {
      about: 'what the role of each function grants: how often it was used, or why not; and what was denied',
      answer: grants,
    },
    'GET /grants/unused': {
      about: 'what of it nothing used so far, and which actions only AWS itself uses',
      answer: () => ({ unused_so_far: unexplained(grants()), explained: ofTemplate() }),
    },
  };
}
