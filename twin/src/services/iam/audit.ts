// Holds what was used against what is granted and what is explained. Right only of a run that made functions do
// everything they do.

import type { Grants } from './grant-usage.ts';
import { explains, type UnusedGrant } from './unused-grants.ts';

/** A line for each grant that nothing used or explains: it can go. */
export function unexplained(grants: Grants): readonly string[] {
  return Object.entries(grants).flatMap(([label, ofFunction]) =>
    ofFunction.grants
      .filter(({ used, unused_because }) => used === 0 && unused_because === undefined)
      .map(
        ({ action, resource, condition }) =>
          // Two grants may differ in nothing else.
          `${label} does not use ${action} on ${resource}${condition ? ` where ${JSON.stringify(condition)}` : ''}`,
      ),
  );
}

/** A line for each explained action that nothing grants any more, or that is used after all. */
export function stale(grants: Grants, explained: readonly UnusedGrant[]): readonly string[] {
  return explained.flatMap((entry) =>
    entry.actions.flatMap((action) => {
      const meant = Object.entries(grants).flatMap(([label, ofFunction]) =>
        ofFunction.grants
          .filter((grant) => grant.action === action && explains(entry, label, action))
          .map(({ used, resource }) => ({ label, used, resource })),
      );
      if (meant.length === 0) return [`nothing grants ${action}`];
      return meant
        .filter(({ used }) => used > 0)
        .map(({ label, resource }) => `${label} uses ${action} on ${resource}`);
    }),
  );
}
