// What functions may do, and what of it they did.

import type { Grants } from '../permissions/use-record.ts';
import type { Pages } from './pages.ts';

export function grantPages(grants: () => Grants): Pages {
  return {
    'GET /_weir/grants': {
      about: 'what the role of each function grants: how often it was used, or why not; and what was denied',
      answer: grants,
    },
  };
}
