// The rule groups that AWS manages, as far as the twin knows them: rules whose criterion AWS tells, and that concern clients
// that mean no harm. All other rules of these groups match nothing here, as the README says.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html

import type { Action } from './action.ts';
import type { Matcher } from './statement.ts';

export type ManagedRule = { readonly name: string; readonly label: string; readonly matches: Matcher };

const coreLabel = (name: string) => `awswaf:managed:aws:core-rule-set:${name}`;

export const managedRules: Readonly<Record<string, readonly ManagedRule[]>> = {
  AWSManagedRulesCommonRuleSet: [
    {
      name: 'NoUserAgent_HEADER',
      label: coreLabel('NoUserAgent_Header'),
      matches: ({ header }) => header('user-agent') === undefined,
    },
    {
      name: 'SizeRestrictions_BODY',
      label: coreLabel('SizeRestrictions_Body'),
      matches: ({ bodyBytes }) => bodyBytes > 8 * 1024,
    },
  ],
  AWSManagedRulesAmazonIpReputationList: [],
  AWSManagedRulesKnownBadInputsRuleSet: [],
};

export type ManagedRuleGroupStatement = {
  readonly VendorName: string;
  readonly Name: string;
  readonly ScopeDownStatement?: unknown;
  readonly RuleActionOverrides?: readonly { readonly Name: string; readonly ActionToUse: Action }[];
};
