// What of the template the twin has neither read nor listed as left out. It would be ignored in silence.

import { leftOut, notRun } from './not-modelled.ts';
import type { Template, Unread } from './template.ts';

/** Right only after everything that runs has started: what is read later counts as unread. */
export function findUnread(template: Template): readonly Unread[] {
  const allLeftOut = leftOut.flatMap(({ what }) => what);
  return template.unread().filter((unread) => !allLeftOut.some((what) => covers(what, unread)));
}

/** Whether an entry of the list covers this. The entry of a type does not cover properties of a type that is run. */
export function covers(what: string, { resource, path }: Unread): boolean {
  if (path === undefined) return what === resource.type;
  return ['*', resource.type].some((type) => what !== type && `${type}.${path}.`.startsWith(`${what}.`));
}

/** One line for each type or property, however many resources have it. */
export function describeUnread(found: readonly Unread[]): readonly string[] {
  const byWhat = Map.groupBy(found, ({ resource, path }) =>
    path === undefined ? resource.type : `${resource.type}.${path}`,
  );
  return [...byWhat].map(([what, [first, ...others]]) => {
    const where = `${first?.resource.logicalId}${others.length > 0 ? ` and ${others.length} more` : ''}`;
    const instead =
      first?.path === undefined ? reasonOf(what) : 'The resource runs as if it did not have the property.';
    return `${what} (${where}) is not run by the twin. ${instead}`;
  });
}

function reasonOf(type: string): string {
  const known = notRun.find(({ what }) => what.some((prefix) => isWithin(type, prefix)));
  return known?.reason ?? 'The app runs as if the resource were not there.';
}

/** Whether it is this type, or a type of this service. */
function isWithin(type: string, prefix: string): boolean {
  return `${type}::`.startsWith(prefix.endsWith('::') ? prefix : `${prefix}::`);
}
