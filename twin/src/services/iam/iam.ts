// IAM: each call of a function is held against its role, as the template has it.

import { type Service, type ServiceContext, whileStarting } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { Roles } from './function-roles.ts';
import { grantPages } from './grant-pages.ts';
import { Permissions } from './permissions.ts';
import { type UnusedGrant, unusedGrants } from './unused-grants.ts';

export type IamContext = Pick<ServiceContext, 'report'> & {
  /** Beside those that every app has. */
  readonly explainedGrants: readonly UnusedGrant[];
};

export type Iam = Service & { readonly grants: Permissions['grants'] };

export function createIam(template: Template, { report, explainedGrants }: IamContext): Iam {
  const explained = [...unusedGrants, ...explainedGrants];
  const roles = whileStarting('the permissions', () => new Roles(template));
  const permissions = new Permissions({ template, roles, explained, report });
  return {
    name: 'iam',
    steps: [permissions.step],
    pages: grantPages(permissions.grants, explained),
    grants: permissions.grants,
  };
}
