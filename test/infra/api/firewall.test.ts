import { describe, expect, it } from 'vitest';
import { burstFactor, tiers } from '../../../domain/accounts/tiers.ts';
import { problems } from '../../../domain/api/problems.ts';
import { only, resourcesOf, stageNamed, synthesize } from '../synthesize.ts';

const { stateless } = synthesize(stageNamed('prod'));
const acl = only(resourcesOf(stateless, 'AWS::WAFv2::WebACL'));
// biome-ignore lint/suspicious/noExplicitAny: a rule is JSON whose shape is what a test is about
const rules = acl.Properties.Rules as readonly any[];
const ruleNamed = (name: string) => only(rules.filter(({ Name }) => Name === name));

describe('the firewall of a stage', () => {
  it('stands before the stage of its API, and lets pass what no rule blocks', () => {
    const association = only(resourcesOf(stateless, 'AWS::WAFv2::WebACLAssociation')).Properties;
    const apiStage = only(resourcesOf(stateless, 'AWS::ApiGateway::Stage')).logicalId;

    expect(association.WebACLArn).toEqual({ 'Fn::GetAtt': [acl.logicalId, 'Arn'] });
    expect(JSON.stringify(association.ResourceArn)).toContain(`{"Ref":"${apiStage}"}`);
    expect(acl.Properties).toMatchObject({ Scope: 'REGIONAL', DefaultAction: { Allow: {} } });
  });

  it('limits each address first, by the address that connects', () => {
    const [first] = rules.toSorted((one, other) => one.Priority - other.Priority);

    expect(first.Statement.RateBasedStatement).toEqual({
      AggregateKeyType: 'IP',
      EvaluationWindowSec: 60,
      Limit: 63_000,
    });
  });

  it('lets an account of the highest tier send at its rate and with its burst from one address', () => {
    const highest = Math.max(...Object.values(tiers).map(({ requestsPerSecond }) => requestsPerSecond));

    expect(rules[0].Statement.RateBasedStatement.Limit).toBeGreaterThanOrEqual(
      60 * highest + burstFactor * highest,
    );
  });

  it('answers whom it limits with the problem document, and the time in which his window empties', () => {
    const { CustomResponse } = rules[0].Action.Block;
    const body = acl.Properties.CustomResponseBodies[CustomResponse.CustomResponseBodyKey];

    expect(CustomResponse).toMatchObject({
      ResponseCode: problems.rate_limited.status,
      ResponseHeaders: [{ Name: 'retry-after', Value: '60' }],
    });
    expect(body.ContentType).toBe('APPLICATION_JSON');
    expect(JSON.parse(body.Content)).toEqual({
      type: 'urn:weir:problem:rate_limited',
      title: problems.rate_limited.title,
      status: 429,
      detail: expect.stringContaining('This address'),
      code: 'rate_limited',
      retry_after: 60,
    });
  });

  it('has the rules of AWS, of which those of bodies, and that of the user agent, only count', () => {
    const overridden = rules.flatMap(({ Statement }) =>
      Statement.ManagedRuleGroupStatement === undefined
        ? []
        : [
            [
              Statement.ManagedRuleGroupStatement.Name,
              Statement.ManagedRuleGroupStatement.RuleActionOverrides?.map(
                // biome-ignore lint/suspicious/noExplicitAny: as above
                ({ Name, ActionToUse }: any) => `${Object.keys(ActionToUse)} ${Name}`,
              ),
            ],
          ],
    );

    expect(overridden).toEqual([
      ['AWSManagedRulesAmazonIpReputationList', undefined],
      [
        'AWSManagedRulesCommonRuleSet',
        [
          'Count SizeRestrictions_BODY',
          'Count EC2MetaDataSSRF_BODY',
          'Count GenericLFI_BODY',
          'Count GenericRFI_BODY',
          'Count CrossSiteScripting_BODY',
          'Count NoUserAgent_HEADER',
        ],
      ],
      [
        'AWSManagedRulesKnownBadInputsRuleSet',
        ['Count JavaDeserializationRCE_BODY', 'Count Log4JRCE_BODY', 'Count ReactJSRCE_BODY'],
      ],
    ]);
  });

  it('blocks on every route but those of ingest what a counted rule about bodies matched', () => {
    const { Statement, Action, Priority } = ruleNamed('bodies-of-other-routes');
    const [matched] = Statement.AndStatement.Statements;
    const counted = rules.flatMap(({ Statement: { ManagedRuleGroupStatement } }) =>
      (ManagedRuleGroupStatement?.RuleActionOverrides ?? []).flatMap(({ Name }: { Name: string }) =>
        Name.endsWith('_BODY') ? [Name.replace('_BODY', '_Body')] : [],
      ),
    );
    const labels = matched.OrStatement.Statements.map(
      ({ LabelMatchStatement }: { LabelMatchStatement: { Key: string } }) => LabelMatchStatement.Key,
    );
    expect(Action).toEqual({ Block: {} });
    // What comes before a group has no labels of it.
    expect(Priority).toBe(Math.max(...rules.map((rule) => rule.Priority)));
    expect(labels.map((label: string) => label.split(':').at(-1))).toEqual(counted);
    expect(labels[0]).toBe('awswaf:managed:aws:core-rule-set:SizeRestrictions_Body');
    expect(labels.at(-1)).toBe('awswaf:managed:aws:known-bad-inputs:ReactJSRCE_Body');
  });

  it.each([
    ['/api/v1/events', true],
    ['/v1/events', true],
    ['/base/v1/events', true],
    // The gateway serves them as without the slash.
    ['/api/v1/events/', true],
    ['/api/v1/events:debug', true],
    ['/api/v1/events%3Adebug', true],
    ['/api/v1/events%3adebug/', true],
    ['/api/v1/batch', true],
    ['/api/v1/logs', true],
    ['/api/api/v1/events', true],
    ['/api/t', true],
    ['/api/v1/keys/t', false],
    ['/api/v1/keys', false],
    ['/api/v1/keys/x%2Fv1%2Fevents', false],
    ['/api/v1/keys/x%2fv1/events', false],
    ['/api/v1/members/v1/events', false],
    ['/v1%2Fkeys/v1/events', false],
    ['/api/v1/eventsx', false],
    ['/api/v1/events/x', false],
    ['/api/v1/events:debugx', false],
    ['/api/xv1/events', false],
  ])('takes %s for a route of ingest: %s', (path, isIngest) => {
    const [, elsewhere] = ruleNamed('bodies-of-other-routes').Statement.AndStatement.Statements;
    const statement = elsewhere.NotStatement.Statement.RegexMatchStatement;

    expect(statement).toMatchObject({
      FieldToMatch: { UriPath: {} },
      TextTransformations: [{ Priority: 0, Type: 'NONE' }],
    });
    expect(statement.RegexString.length).toBeLessThanOrEqual(200);
    expect(new RegExp(statement.RegexString).test(path)).toBe(isIngest);
  });

  it('is watched by the name of its web ACL and of its rule', () => {
    const alarm = only(
      resourcesOf(stateless, 'AWS::CloudWatch::Alarm').filter(
        ({ Properties }) => Properties.AlarmName === 'weir-prod-blocked-addresses',
      ),
    ).Properties;

    expect(alarm).toMatchObject({ Namespace: 'AWS/WAFV2', MetricName: 'BlockedRequests', Threshold: 0 });
    expect(
      Object.fromEntries(alarm.Dimensions.map(({ Name, Value }: Record<string, string>) => [Name, Value])),
    ).toEqual({
      Region: { Ref: 'AWS::Region' },
      Rule: rules[0].VisibilityConfig.MetricName,
      WebACL: acl.Properties.VisibilityConfig.MetricName,
    });
  });

  it.each(['dev', 'tiny', 'emulator'])('is left out of %s, and so is its alarm', (name) => {
    const { stateless: without } = synthesize(stageNamed(name));

    expect(resourcesOf(without, 'AWS::WAFv2::WebACL')).toEqual([]);
    expect(JSON.stringify(without.toJSON())).not.toContain('blocked-addresses');
  });
});
