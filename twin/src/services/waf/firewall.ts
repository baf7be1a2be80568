// A web ACL at work: whether it blocks a request. Every request counts, blocked ones too: a client that goes on at
// the same rate stays blocked until it pauses. AWS estimates and reacts late; the twin counts.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-request-limiting.html

import type { Block } from './action.ts';
import { SlidingWindow } from './sliding-window.ts';
import type { InspectedRequest } from './statement.ts';
import type { WebAcl } from './web-acl.ts';

export class Firewall {
  private readonly acl: WebAcl;
  private readonly windows: readonly (SlidingWindow | undefined)[];

  constructor(acl: WebAcl) {
    this.acl = acl;
    this.windows = acl.rules.map(({ rate }) => rate && new SlidingWindow(rate.windowMs));
  }

  /** Undefined if the request may pass. */
  block(request: Omit<InspectedRequest, 'labels'>, nowMs: number): Block | undefined {
    const labels = new Set<string>();
    const inspected: InspectedRequest = { ...request, labels };
    for (const [index, { matches, rate, label, block }] of this.acl.rules.entries()) {
      if (!matches(inspected)) continue;
      const requests = (rate && this.windows[index]?.count(rate.keyOf(inspected), nowMs)) ?? 0;
      if (rate && requests <= rate.limitRequests) continue;
      if (label !== undefined) labels.add(label);
      // The rules after one that blocks do not see the request.
      if (block) return block;
    }
    return this.acl.defaultBlock;
  }
}
