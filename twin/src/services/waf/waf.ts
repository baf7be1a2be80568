// WAF: the web ACLs of the template, for the gateway to ask about each request.

import type { Service, ServiceContext } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { Firewall } from './firewall.ts';
import { readWebAcl } from './web-acl.ts';

export type Waf = Service & {
  /** The web ACL that is associated with a stage; undefined where it has none. Throws WebAclNotModelled. */
  readonly firewallOf: (apiId: string, stageName: string) => Firewall | undefined;
};

export function createWaf(
  template: Template,
  { report, metrics }: Pick<ServiceContext, 'report' | 'metrics'>,
): Waf {
  return {
    name: 'wafv2',
    firewallOf: (apiId, stageName) => {
      const webAcl = readWebAcl(template, apiId, stageName);
      for (const problem of webAcl?.notModelled ?? []) report(problem);
      return webAcl && new Firewall(webAcl, metrics);
    },
  };
}
