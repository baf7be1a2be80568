// A web ACL at work: whether it blocks a request. Every request counts, blocked ones too: a client that goes on at
// the same rate stays blocked until it pauses. AWS estimates and reacts late; the twin counts.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-request-limiting.html

import type { MetricSink } from '../../core/metric-sink.ts';
import { type MetricSource, putMetrics } from '../../core/put-metrics.ts';
import { twinAccount } from '../../template/pseudo-parameters.ts';
import type { Block } from './action.ts';
import { SlidingWindow } from './sliding-window.ts';
import type { InspectedRequest } from './statement.ts';
import type { Rule, WebAcl } from './web-acl.ts';

export class Firewall {
  private readonly acl: WebAcl;
  private readonly windows: readonly (SlidingWindow | undefined)[];
  private readonly metrics: MetricSink;
  private readonly ofAll: MetricSource;
  private readonly ofDefault: MetricSource;
  private readonly ofRules: ReadonlyMap<Rule, MetricSource>;

  constructor(acl: WebAcl, metrics: MetricSink) {
    this.acl = acl;
    this.metrics = metrics;
    this.ofAll = sourceOf(acl, 'ALL');
    this.ofDefault = sourceOf(acl, 'Default_Action');
    this.ofRules = new Map(acl.rules.map((rule) => [rule, sourceOf(acl, rule.metricName)]));
    this.windows = acl.rules.map(({ rate }) => rate && new SlidingWindow(rate.windowMs));
  }

  /** Undefined if the request may pass. */
  block(request: Omit<InspectedRequest, 'labels'>, nowMs: number): Block | undefined {
    const block = this.apply(request, nowMs);
    this.count(this.ofAll, block, 'AllowedRequests', nowMs);
    return block;
  }

  private apply(request: Omit<InspectedRequest, 'labels'>, nowMs: number): Block | undefined {
    const labels = new Set<string>();
    const inspected: InspectedRequest = { ...request, labels };
    for (const [index, rule] of this.acl.rules.entries()) {
      const { matches, rate, label, block } = rule;
      if (!matches(inspected)) continue;
      const requests = (rate && this.windows[index]?.count(rate.keyOf(inspected), nowMs)) ?? 0;
      if (rate && requests <= rate.limitRequests) continue;
      if (label !== undefined) labels.add(label);
      const source = this.ofRules.get(rule);
      if (source) this.count(source, block, 'CountedRequests', nowMs);
      // The rules after one that blocks do not see the request.
      if (block) return block;
    }
    this.count(this.ofDefault, this.acl.defaultBlock, 'AllowedRequests', nowMs);
    return this.acl.defaultBlock;
  }

  private count(source: MetricSource, block: Block | undefined, otherwise: string, nowMs: number): void {
    const name = block === undefined ? otherwise : 'BlockedRequests';
    putMetrics(this.metrics, source, nowMs, { [name]: [1, 'Count'] });
  }
}

/** https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html */
function sourceOf({ metricName: WebACL }: WebAcl, Rule: string): MetricSource {
  return { namespace: 'AWS/WAFV2', dimensionSets: [{ WebACL, Region: twinAccount.region, Rule }] };
}
