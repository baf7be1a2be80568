// The web ACL that is associated with the stage, as far as the twin applies it: its rules, by priority. What it does not
// apply is named at the start. What it could only apply wrongly fails the start.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html

import { twinAccount } from '../../template/pseudo-parameters.ts';
import type { Template } from '../../template/template.ts';
import { type Action, type Block, blockOf, type CustomResponseBodies, readAction } from './action.ts';
import { type ManagedRuleGroupStatement, managedRules } from './managed-rules.ts';
import {
  byPriority,
  type InspectedRequest,
  type Matcher,
  readStatement,
  WebAclNotModelled,
} from './statement.ts';

export type Rule = {
  /** By which metrics tell it. */
  readonly metricName: string;
  readonly matches: Matcher;
  /** It takes more requests than the limit to match. */
  readonly rate?: Rate;
  /** What the rules after it know a request by that it matched. */
  readonly label?: string;
  /** Undefined for a rule that only counts. */
  readonly block: Block | undefined;
};

type Rate = {
  readonly limitRequests: number;
  readonly windowMs: number;
  /** Requests of one key are counted together. */
  readonly keyOf: (request: InspectedRequest) => string;
};

export type WebAcl = {
  readonly metricName: string;
  readonly rules: readonly Rule[];
  readonly defaultBlock: Block | undefined;
  /** One line each. */
  readonly notModelled: readonly string[];
};

type RuleSettings = {
  readonly Name: string;
  readonly Priority: number;
  readonly Statement: {
    readonly RateBasedStatement?: RateBasedStatement;
    readonly ManagedRuleGroupStatement?: ManagedRuleGroupStatement;
  };
  readonly Action?: Action;
  readonly OverrideAction?: Action;
  readonly VisibilityConfig?: VisibilityConfig;
};
/** Metrics are made whether they are enabled or not: they cost nothing here. */
type VisibilityConfig = { readonly MetricName?: string };
type RateBasedStatement = {
  readonly Limit: number;
  readonly EvaluationWindowSec?: number;
  readonly AggregateKeyType: string;
  readonly ScopeDownStatement?: unknown;
};

type Read = { readonly rules: readonly Rule[]; readonly notModelled: readonly string[] };

/** Undefined where the stage has none. */
export function readWebAcl(template: Template, apiId: string, stageName: string): WebAcl | undefined {
  const stageArn = `arn:aws:apigateway:${twinAccount.region}::/restapis/${apiId}/stages/${stageName}`;
  // AWS lets a stage have one web ACL.
  const association = template
    .resources('AWS::WAFv2::WebACLAssociation')
    .find(({ properties }) => properties.ResourceArn === stageArn);
  if (association === undefined) return undefined;
  const { WebACLArn } = association.properties;
  const acl = template
    .resources('AWS::WAFv2::WebACL')
    .find((resource) => resource.attribute('Arn') === WebACLArn);
  if (acl === undefined)
    throw new WebAclNotModelled(`${association.logicalId}: the web ACL ${WebACLArn} is not in the template.`);
  const place = `web ACL ${acl.name}`;
  const bodies = (acl.properties.CustomResponseBodies ?? {}) as CustomResponseBodies;
  const read = byPriority((acl.properties.Rules ?? []) as readonly RuleSettings[]).map((rule) =>
    readRule(`${place}: rule ${rule.Name}`, rule, bodies),
  );
  const { Allow, Block } = acl.properties.DefaultAction as Action;
  return {
    metricName: (acl.properties.VisibilityConfig as VisibilityConfig | undefined)?.MetricName ?? acl.name,
    rules: read.flatMap(({ rules }) => rules),
    defaultBlock: Allow === undefined ? blockOf(Block?.CustomResponse, bodies) : undefined,
    notModelled: read.flatMap(({ notModelled }) => notModelled),
  };
}

function readRule(place: string, rule: RuleSettings, bodies: CustomResponseBodies): Read {
  const { Statement, Action = {}, VisibilityConfig, Name } = rule;
  const metricName = VisibilityConfig?.MetricName ?? Name;
  const { RateBasedStatement: rate, ManagedRuleGroupStatement: group } = Statement;
  if (group !== undefined) return readManagedGroup(place, rule, group, bodies, metricName);
  if (rate !== undefined)
    return { rules: [{ metricName, ...readRateRule(place, rate, Action, bodies) }], notModelled: [] };
  try {
    return {
      rules: [{ metricName, matches: readStatement(place, Statement), ...readAction(place, Action, bodies) }],
      notModelled: [],
    };
  } catch (error) {
    if (!(error instanceof WebAclNotModelled)) throw error;
    return { rules: [], notModelled: [`${error.message} The rule lets everything pass.`] };
  }
}

function readRateRule(
  place: string,
  { Limit, EvaluationWindowSec = 300, AggregateKeyType, ScopeDownStatement }: RateBasedStatement,
  action: Action,
  bodies: CustomResponseBodies,
): Omit<Rule, 'metricName'> {
  const keyOf = aggregateKeys[AggregateKeyType];
  if (keyOf === undefined)
    throw new WebAclNotModelled(`${place}: the AggregateKeyType ${AggregateKeyType} is not modelled.`);
  return {
    matches: readScope(place, ScopeDownStatement),
    rate: { limitRequests: Number(Limit), windowMs: Number(EvaluationWindowSec) * 1000, keyOf },
    ...readAction(place, action, bodies),
  };
}

const aggregateKeys: Readonly<Record<string, Rate['keyOf']>> = {
  CONSTANT: () => 'all',
  IP: ({ sourceIp }) => sourceIp,
};

/** The rules of the group that the twin knows, in place of the group. */
function readManagedGroup(
  place: string,
  { OverrideAction }: RuleSettings,
  { VendorName, Name, ScopeDownStatement, RuleActionOverrides = [] }: ManagedRuleGroupStatement,
  bodies: CustomResponseBodies,
  metricName: string,
): Read {
  const isInScope = readScope(place, ScopeDownStatement);
  const onlyCounts = OverrideAction?.None === undefined;
  const overrides = new Map(RuleActionOverrides.map((each) => [each.Name, each.ActionToUse]));
  const known = VendorName === 'AWS' ? managedRules[Name] : undefined;
  if (known === undefined)
    return {
      rules: [],
      notModelled: [`${place}: the rule group ${Name} is not modelled. It lets everything pass.`],
    };
  return {
    rules: known.map(({ name, label, matches }) => {
      const { block } = readAction(place, overrides.get(name) ?? { Block: {} }, bodies);
      return {
        metricName,
        matches: (request) => isInScope(request) && matches(request),
        label,
        block: onlyCounts ? undefined : block,
      };
    }),
    notModelled: [],
  };
}

const readScope = (place: string, statement: unknown): Matcher =>
  statement === undefined ? () => true : readStatement(place, statement);
