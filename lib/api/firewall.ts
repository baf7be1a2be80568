// The web ACL of a stage: how many requests a minute an address may send, whoever they are for, and the rules that AWS
// manages. It is asked before the authorizer, so that a flood of wrong keys from one address costs no more of it than that.
// WAF sees no answers: it cannot count refusals. Of addresses it sees the one that connects, and believes no header.

import { Aws } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { problemDocument, problems } from '../../domain/api/problems.ts';
import { type Route, routes } from '../../domain/api/routes.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

/** The shortest that WAF looks back, so that a client is blocked and let in again soon. */
const windowSeconds = 60;

/**
 * Rules of AWS about bodies. On ingest routes they only count: events may hold whatever they look for, such as HTML, and
 * nearly every batch has more than 8 KB. On all other routes they block.
 */
const bodyRules: Readonly<Record<string, { readonly namespace: string; readonly names: readonly string[] }>> =
  {
    AWSManagedRulesCommonRuleSet: {
      namespace: 'core-rule-set',
      names: ['SizeRestrictions', 'EC2MetaDataSSRF', 'GenericLFI', 'GenericRFI', 'CrossSiteScripting'],
    },
    AWSManagedRulesKnownBadInputsRuleSet: {
      namespace: 'known-bad-inputs',
      names: ['JavaDeserializationRCE', 'Log4JRCE', 'ReactJSRCE'],
    },
  };

/** Clients of an API need not say what they are. */
const onlyCounted: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesCommonRuleSet: ['NoUserAgent_HEADER'],
};

const rateRule = 'address-rate';

/** Undefined for a stage without. */
export function blockedByRate(stage: StageSettings): Metric | undefined {
  if (!('requestsPerMinute' in stage.firewall)) return undefined;
  return new Metric({
    namespace: 'AWS/WAFV2',
    metricName: 'BlockedRequests',
    dimensionsMap: { WebACL: nameOf(stage), Rule: rateRule, Region: Aws.REGION },
    statistic: Stats.SUM,
  });
}

const nameOf = (stage: StageSettings) => `weir-${stage.name}`;

export class Firewall extends Construct {
  constructor(
    scope: Construct,
    id: string,
    stage: StageSettings,
    apiStage: Stage,
    requestsPerMinute: number,
  ) {
    super(scope, id);
    const rules: readonly Omit<CfnWebACL.RuleProperty, 'priority'>[] = [
      {
        name: rateRule,
        statement: {
          rateBasedStatement: {
            aggregateKeyType: 'IP',
            limit: requestsPerMinute,
            evaluationWindowSec: windowSeconds,
          },
        },
        action: { block: { customResponse: slowDown } },
        visibilityConfig: visible(rateRule),
      },
      managed('AWSManagedRulesAmazonIpReputationList'),
      managed('AWSManagedRulesCommonRuleSet'),
      managed('AWSManagedRulesKnownBadInputsRuleSet'),
      {
        name: 'bodies-of-other-routes',
        statement: all(any(bodyLabels().map((key) => ({ labelMatchStatement: { scope: 'LABEL', key } }))), {
          notStatement: { statement: pathIsOneOf(ingestPaths()) },
        }),
        action: { block: {} },
        visibilityConfig: visible('bodies-of-other-routes'),
      },
    ];
    const acl = new CfnWebACL(this, 'WebAcl', {
      name: nameOf(stage),
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      rules: rules.map((rule, priority) => ({ ...rule, priority })),
      customResponseBodies: {
        [slowDown.customResponseBodyKey]: {
          contentType: 'APPLICATION_JSON',
          content: JSON.stringify(slowDownDocument()),
        },
      },
      visibilityConfig: visible(nameOf(stage)),
    });
    new CfnWebACLAssociation(this, 'Association', {
      webAclArn: acl.attrArn,
      resourceArn: apiStage.stageArn,
    });
  }
}

/** The rule group's own action for each rule, but for those that only count. */
function managed(name: string): Omit<CfnWebACL.RuleProperty, 'priority'> {
  const ofBodies = bodyRules[name]?.names.map((rule) => `${rule}_BODY`) ?? [];
  const counted = [...ofBodies, ...(onlyCounted[name] ?? [])];
  return {
    name,
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        // AWS takes no empty list.
        ...(counted.length > 0 && {
          ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
        }),
      },
    },
    overrideAction: { none: {} },
    visibilityConfig: visible(name),
  };
}

const bodyLabels = (): readonly string[] =>
  Object.values(bodyRules).flatMap(({ namespace, names }) =>
    names.map((name) => `awswaf:managed:aws:${namespace}:${name}_Body`),
  );

const ingestPaths = (): readonly string[] =>
  routes.filter(({ servedBy }: Route) => servedBy === 'ingest').map(({ path }) => path);

/**
 * As it is sent, all of it: of a path that is decoded, an encoded slash in the id of another route would look like the end of
 * this one. Before it may stand one part, the name of the API's stage or the base path of a domain. Some clients encode the
 * colon of `/v1/events:debug`, or end with a slash, which leads to the same route.
 */
function pathIsOneOf(paths: readonly string[]): CfnWebACL.StatementProperty {
  const regexString = `^(/[^/%]+)?(${paths.map((path) => path.replace(':', '(:|%3[Aa])')).join('|')})/?$`;
  if (regexString.length > longestRegex)
    throw new Error(
      `WAF takes ${longestRegex} characters of a pattern, and the routes of ingest have ${regexString.length}.`,
    );
  return {
    regexMatchStatement: {
      fieldToMatch: { uriPath: {} },
      regexString,
      textTransformations: [{ priority: 0, type: 'NONE' }],
    },
  };
}
const longestRegex = 200;

const any = (statements: readonly CfnWebACL.StatementProperty[]): CfnWebACL.StatementProperty => ({
  orStatement: { statements: [...statements] },
});
const all = (...statements: CfnWebACL.StatementProperty[]): CfnWebACL.StatementProperty => ({
  andStatement: { statements },
});

const visible = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  cloudWatchMetricsEnabled: true,
  metricName,
  sampledRequestsEnabled: true,
});

/** A client that pauses so long has nothing left in the window. */
const slowDown = {
  responseCode: problems.rate_limited.status,
  responseHeaders: [{ name: 'retry-after', value: String(windowSeconds) }],
  customResponseBodyKey: 'slow-down',
};

/** The same for everybody, so that it names no request. WAF has no other content type for it than application/json. */
function slowDownDocument(): object {
  const { request_id: _, ...document } = problemDocument('rate_limited', '', {
    detail:
      'This address sends more requests than one address may, for all accounts together. Wait, then retry.',
    retry_after: windowSeconds,
  });
  return document;
}
