// The web ACL that is associated with the stage, as far as the twin applies it: its rate-based rules, by priority.
// What it does not apply is named at the start. What it could only apply wrongly fails the start.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html

import { twinAccount } from '../../template/pseudo-parameters.ts';
import type { Template } from '../../template/template.ts';
import {
  byPriority,
  type InspectedRequest,
  type Matcher,
  readStatement,
  WebAclNotModelled,
} from './statement.ts';

export type RateRule = {
  readonly limitRequests: number;
  readonly windowMs: number;
  /** Requests of one key are counted together. */
  readonly keyOf: (request: InspectedRequest) => string;
  readonly isInScope: Matcher;
  /** False for a rule that only counts. */
  readonly blocks: boolean;
};

export type WebAcl = {
  readonly rateRules: readonly RateRule[];
  readonly blocksByDefault: boolean;
  /** One line each. */
  readonly notModelled: readonly string[];
};

type Action = Readonly<Record<string, { readonly CustomResponse?: unknown } | undefined>>;
type Rule = {
  readonly Name: string;
  readonly Priority: number;
  readonly Statement: { readonly RateBasedStatement?: RateBasedStatement };
  readonly Action?: Action;
};
type RateBasedStatement = {
  readonly Limit: number;
  readonly EvaluationWindowSec?: number;
  readonly AggregateKeyType: string;
  readonly ScopeDownStatement?: unknown;
};

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
  const rules = byPriority((acl.properties.Rules ?? []) as readonly Rule[]);
  const defaultAction = acl.properties.DefaultAction as Action;
  return {
    rateRules: rules.flatMap((rule) => readRateRule(`${place}: rule ${rule.Name}`, rule) ?? []),
    blocksByDefault: defaultAction.Allow === undefined,
    notModelled: [
      ...rules.flatMap((rule) => complaintsAbout(`${place}: rule ${rule.Name}`, rule)),
      ...complaintsAboutAction(`${place}: the default action`, defaultAction),
    ],
  };
}

function readRateRule(place: string, { Statement, Action = {} }: Rule): RateRule | undefined {
  const rate = Statement.RateBasedStatement;
  if (rate === undefined) return undefined;
  const { Limit, EvaluationWindowSec = 300, AggregateKeyType, ScopeDownStatement } = rate;
  const keyOf = aggregateKeys[AggregateKeyType];
  if (keyOf === undefined)
    throw new WebAclNotModelled(`${place}: the AggregateKeyType ${AggregateKeyType} is not modelled.`);
  if (Action.Block === undefined && Action.Count === undefined)
    throw new WebAclNotModelled(`${place}: the action ${Object.keys(Action).join()} is not modelled.`);
  return {
    limitRequests: Number(Limit),
    windowMs: Number(EvaluationWindowSec) * 1000,
    keyOf,
    isInScope: ScopeDownStatement === undefined ? () => true : readStatement(place, ScopeDownStatement),
    blocks: Action.Block !== undefined,
  };
}

const aggregateKeys: Readonly<Record<string, RateRule['keyOf']>> = {
  CONSTANT: () => 'all',
  IP: ({ sourceIp }) => sourceIp,
};

function complaintsAbout(place: string, { Statement, Action }: Rule): readonly string[] {
  return Statement.RateBasedStatement === undefined
    ? [`${place} is not modelled and lets everything pass: only rate-based rules are applied.`]
    : complaintsAboutAction(place, Action);
}

function complaintsAboutAction(place: string, action: Action | undefined): readonly string[] {
  return action?.Block?.CustomResponse === undefined
    ? []
    : [`${place}: its CustomResponse is not modelled; callers get the gateway response WAF_FILTERED.`];
}
