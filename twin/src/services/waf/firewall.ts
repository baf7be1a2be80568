// A web ACL at work: whether it blocks a request. Every request counts, blocked ones too: a client that goes on at
// the same rate stays blocked until it pauses. AWS estimates and reacts late; the twin counts.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-request-limiting.html

import { SlidingWindow } from './sliding-window.ts';
import type { InspectedRequest } from './statement.ts';
import type { WebAcl } from './web-acl.ts';

export class Firewall {
  private readonly acl: WebAcl;
  private readonly windows: readonly SlidingWindow[];

  constructor(acl: WebAcl) {
    this.acl = acl;
    this.windows = acl.rateRules.map(({ windowMs }) => new SlidingWindow(windowMs));
  }

  blocks(request: InspectedRequest, nowMs: number): boolean {
    for (const [index, { isInScope, keyOf, limitRequests, blocks }] of this.acl.rateRules.entries()) {
      if (!isInScope(request)) continue;
      const requests = this.windows[index]?.count(keyOf(request), nowMs) ?? 0;
      // The rules after one that blocks do not see the request.
      if (requests > limitRequests && blocks) return true;
    }
    return this.acl.blocksByDefault;
  }
}
