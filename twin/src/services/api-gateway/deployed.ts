// What the template says of the API, ready to be asked: made once at the start.

import type { Template } from '../../template/template.ts';
import { Firewall } from '../waf/firewall.ts';
import { type ApiDefinition, readApiDefinition } from './api-definition.ts';
import { Limits } from './limits/limits.ts';
import type { QuotaUsage } from './limits/quota-usage.ts';
import { createRouteTable } from './route-table.ts';

export type Deployed = {
  readonly api: ApiDefinition;
  readonly findRoute: ReturnType<typeof createRouteTable>;
  readonly firewall: Firewall | undefined;
  readonly limits: Limits;
};

export function deploy(template: Template, quotaUsage: QuotaUsage): Deployed {
  const api = readApiDefinition(template);
  return {
    api,
    findRoute: createRouteTable(api.methods),
    firewall: api.webAcl && new Firewall(api.webAcl),
    limits: new Limits(api.stageThrottles, quotaUsage),
  };
}
