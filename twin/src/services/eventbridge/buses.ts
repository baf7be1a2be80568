// The event buses that there are: the default one and those of the template.

import type { Template } from '../../template/template.ts';

export const defaultBus = 'default';

/** A bus may be named by its ARN as well. */
export const busNameOf = (nameOrArn: string): string =>
  nameOrArn.startsWith('arn:') ? (nameOrArn.split('/').at(-1) ?? '') : nameOrArn;

export function busNames(template: Template): ReadonlySet<string> {
  // Read each time: a bus has nothing that would be made at the start.
  return new Set([defaultBus, ...template.resources('AWS::Events::EventBus').map(({ name }) => name)]);
}
