import { Template } from 'aws-cdk-lib/assertions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { functionVerbs } from '../../../domain/system/stage-names.ts';
import { functionsOfStage } from '../../../lib/stage/stage-settings.ts';
import { stages } from '../../../lib/stage/stages.ts';
import {
  only,
  outputFolders,
  type Resource,
  resourcesOf,
  stacksOf,
  stageNamed,
  synthesize,
  wholeStage,
} from '../synthesize.ts';

const newFolder = outputFolders();
const { stateless } = synthesize(wholeStage);

type Found = Resource & { readonly logicalId: string };

/** By the verb of the function. */
function aliasesOf(template: Template): ReadonlyMap<string, Found> {
  const functions = resourcesOf(template, 'AWS::Lambda::Function');
  return new Map(
    resourcesOf(template, 'AWS::Lambda::Alias').map((alias) => {
      const of = only(functions.filter(({ logicalId }) => logicalId === alias.Properties.FunctionName.Ref));
      return [String(of.Properties.FunctionName).replace(/^weir-[a-z]+-/, ''), alias];
    }),
  );
}

const aliases = aliasesOf(stateless);
const aliasOf = (verb: string) => aliases.get(verb) as Found;

describe.each(stages)('what calls a function of $name', (stage) => {
  const template = synthesize(stage).stateless;
  const functionIds = resourcesOf(template, 'AWS::Lambda::Function').map(({ logicalId }) => logicalId);
  const called = [
    ...resourcesOf(template, 'AWS::ApiGateway::Method').flatMap(
      // The gateway answers some by itself.
      ({ Properties }) => Properties.Integration.Uri ?? [],
    ),
    ...resourcesOf(template, 'AWS::ApiGateway::Authorizer').map(({ Properties }) => Properties.AuthorizerUri),
    ...resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(
      ({ Properties }) => Properties.FunctionName,
    ),
    ...resourcesOf(template, 'AWS::Events::Rule').flatMap(({ Properties }) => Properties.Targets),
    ...resourcesOf(template, 'AWS::SNS::Subscription').map(({ Properties }) => Properties.Endpoint),
    ...resourcesOf(template, 'AWS::Logs::SubscriptionFilter').map(
      ({ Properties }) => Properties.DestinationArn,
    ),
    ...resourcesOf(template, 'AWS::Lambda::Permission').map(({ Properties }) => Properties.FunctionName),
    ...resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').map(({ Properties }) => Properties.Qualifier),
  ].map((place) => JSON.stringify(place));

  it('calls its live version, and never the code that is not live yet', () => {
    expect(called.length).toBeGreaterThan(functionIds.length);
    expect(called.filter((place) => functionIds.some((id) => place.includes(`"${id}"`)))).toEqual([]);
  });

  it('finds each function behind an alias', () => {
    expect([...aliasesOf(template).keys()].toSorted()).toEqual(functionsOfStage(stage).toSorted());
    for (const { Properties } of aliasesOf(template).values()) {
      expect(Properties.Name).toBe('live');
      expect(Properties.FunctionVersion['Fn::GetAtt'][0]).toMatch(/CurrentVersion/);
    }
  });
});

it('manage has the right to call settle as everybody does, by its alias', () => {
  const grants = resourcesOf(stateless, 'AWS::IAM::Policy').flatMap(({ Properties }) =>
    Properties.PolicyDocument.Statement.filter(
      ({ Action }: { Action: unknown }) => Action === 'lambda:InvokeFunction',
    ),
  );

  expect(JSON.stringify(only<{ Resource: unknown }>(grants).Resource)).toMatch(/SettleFunction.*:live/);
});

it('a version stays when another one is live, and goes with the deploy that made it and failed', () => {
  const versions = resourcesOf(stateless, 'AWS::Lambda::Version');

  expect(versions).toHaveLength(functionVerbs.length);
  for (const { DeletionPolicy, UpdateReplacePolicy } of versions)
    expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
});

/** Which aliases are updated before this one, by verb. */
function before(verb: string, of: ReadonlyMap<string, Found>): string[] {
  const direct = [...of].filter(([, { logicalId }]) => (of.get(verb)?.DependsOn ?? []).includes(logicalId));
  return [...new Set(direct.flatMap(([name]) => [name, ...before(name, of)]))].toSorted();
}

const readers = ['consume', 'consume-late', 'consume-priority', 'settle', 'tally'];
const answerers = ['authorize', 'manage', 'read'];

describe('a deploy', () => {
  it('makes what reads records live first, and what writes them last', () => {
    for (const verb of readers) expect(before(verb, aliases)).toEqual([]);
    for (const verb of answerers) expect(before(verb, aliases)).toEqual(readers);
    expect(before('ingest', aliases)).toEqual([...answerers, ...readers].toSorted());
  });

  it('updates usage plans one after the other: API Gateway takes one change in 20 s', () => {
    const plans = resourcesOf(stateless, 'AWS::ApiGateway::UsagePlan');
    const ids = plans.map(({ logicalId }) => logicalId);

    for (const [index, { DependsOn = [] }] of plans.entries())
      expect(DependsOn.filter((id: string) => ids.includes(id))).toEqual(index === 0 ? [] : [ids[index - 1]]);
  });
});

describe('the way back', () => {
  // It throws for a template whose resources wait for each other.
  const back = Template.fromStack(stacksOf(wholeStage, newFolder(), true).stateless);
  const backAliases = aliasesOf(back);

  it('makes what writes records live first, and what reads them last', () => {
    expect(before('ingest', backAliases)).toEqual([]);
    for (const verb of answerers) expect(before(verb, backAliases)).toEqual(['ingest']);
    for (const verb of readers)
      expect(before(verb, backAliases)).toEqual([...answerers, 'ingest'].toSorted());
  });

  it('has no canaries, because that code has been live before, and differs in nothing else', () => {
    for (const { UpdatePolicy } of backAliases.values()) expect(UpdatePolicy).toBeUndefined();
    const bare = (template: Template) =>
      Object.entries(template.toJSON().Resources as Record<string, Resource>).map(
        ([id, { DependsOn, UpdatePolicy, ...resource }]) => [id, resource],
      );

    expect(bare(back)).toEqual(bare(stateless));
  });
});

const canaried = ['authorize', 'consume', 'consume-late', 'consume-priority', 'ingest', 'manage', 'read'];
const groups = resourcesOf(stateless, 'AWS::CodeDeploy::DeploymentGroup');
const alarms = resourcesOf(stateless, 'AWS::CloudWatch::Alarm').filter(({ Properties }) =>
  Properties.AlarmName.includes('-deploy-'),
);
const alarmNamed = (name: string): Found =>
  only(alarms.filter(({ Properties }) => Properties.AlarmName === `weir-dev-deploy-${name}`));

describe('a canary', () => {
  it('is what takes requests, and what reads the streams', () => {
    expect(groups.map(({ Properties }) => Properties.DeploymentGroupName).toSorted()).toEqual(
      canaried.map((verb) => `weir-dev-${verb}`),
    );
    for (const verb of functionVerbs) {
      const update = aliasOf(verb).UpdatePolicy?.CodeDeployLambdaAliasUpdate;
      const group = groups.find(({ Properties }) => Properties.DeploymentGroupName === `weir-dev-${verb}`);
      expect(update?.DeploymentGroupName?.Ref, verb).toBe(group?.logicalId);
    }
  });

  it.each(groups.map(({ Properties }) => Properties))(
    '$DeploymentGroupName takes a tenth for five minutes, and goes back by itself, by its alarms, or when it is stopped',
    (group) => {
      const verb = group.DeploymentGroupName.replace('weir-dev-', '');
      const watched = group.AlarmConfiguration.Alarms.map(({ Name }: { Name: { Ref: string } }) => Name.Ref);
      const own = alarms.filter(({ Properties }) =>
        new RegExp(`-deploy-${verb}-(errors|slow)$`).test(Properties.AlarmName),
      );

      expect(group).toMatchObject({
        DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_STOP_ON_ALARM'],
        },
      });
      expect(watched.toSorted()).toEqual(own.map(({ logicalId }) => logicalId).toSorted());
      expect(aliasOf(verb).DependsOn).toEqual(expect.arrayContaining(watched));
    },
  );

  it('is left out where a tenth of the calls shows nothing', () => {
    for (const name of ['dev', 'tiny', 'emulator']) {
      const template = synthesize(stageNamed(name)).stateless;
      expect(resourcesOf(template, 'AWS::CodeDeploy::DeploymentGroup')).toEqual([]);
      for (const { UpdatePolicy } of aliasesOf(template).values()) expect(UpdatePolicy).toBeUndefined();
    }
  });
});

type Query = {
  Id: string;
  Expression?: string;
  MetricStat?: {
    Period: number;
    Stat: string;
    Metric: { Namespace: string; MetricName: string; Dimensions: { Name: string; Value: unknown }[] };
  };
};

/** Computes the few functions that these alarms use, for one minute. What has no data is undefined. */
function excessOf(name: string, values: Readonly<Record<string, number>>): number {
  const queries: Query[] = alarmNamed(name).Properties.Metrics;
  const ids = queries.flatMap(({ Id, MetricStat }) => (MetricStat ? [Id] : []));
  const expression = queries.find(({ Expression }) => Expression)?.Expression ?? '';
  const compute = new Function(
    'choose',
    'fill',
    ...ids,
    `return ${expression.replaceAll('IF(', 'choose(').replaceAll('FILL(', 'fill(')}`,
  );
  return compute(
    (condition: boolean, yes: number, no: number) => (condition ? yes : no),
    (value: number | undefined, otherwise: number) => value ?? otherwise,
    ...ids.map((id) => values[id]),
  );
}

const threshold = (name: string): number => alarmNamed(name).Properties.Threshold;
const goesBack = (name: string, values: Readonly<Record<string, number>>) =>
  excessOf(name, values) > threshold(name);

describe('the alarms of a canary', () => {
  it.each(alarms.map(({ Properties }) => Properties))(
    '$AlarmName judges one minute, notifies nobody, and holds no calls to be no failure',
    (alarm) => {
      expect(alarm).toMatchObject({
        EvaluationPeriods: 3,
        DatapointsToAlarm: 1,
        TreatMissingData: 'notBreaching',
        ComparisonOperator: 'GreaterThanThreshold',
      });
      expect(alarm.AlarmActions).toBeUndefined();
      for (const { MetricStat } of alarm.Metrics as Query[])
        if (MetricStat) expect(MetricStat.Period).toBe(60);
    },
  );

  it.each(canaried)('of %s compare the new version with both, as Lambda counts them', (verb) => {
    const queries: Query[] = alarmNamed(`${verb}-errors`).Properties.Metrics;
    const version = aliasOf(verb).Properties.FunctionVersion;
    const both = { FunctionName: `weir-dev-${verb}`, Resource: `weir-dev-${verb}:live` };

    for (const { Id, MetricStat } of queries) {
      if (MetricStat?.Metric.Namespace !== 'AWS/Lambda') continue;
      const dimensions = Object.fromEntries(
        MetricStat.Metric.Dimensions.map(({ Name, Value }) => [Name, Value]),
      );
      expect(dimensions, Id).toEqual(Id.startsWith('new') ? { ...both, ExecutedVersion: version } : both);
    }
  });

  it('look at failed answers where there are any, of the version that gave them', () => {
    const failed = (verb: string) =>
      (alarmNamed(`${verb}-errors`).Properties.Metrics as Query[]).flatMap(({ Id, MetricStat }) =>
        MetricStat?.Metric.MetricName === 'failedRequests' ? [[Id, MetricStat.Metric]] : [],
      );

    for (const verb of ['authorize', 'consume']) expect(failed(verb)).toEqual([]);
    for (const verb of ['ingest', 'manage', 'read'])
      expect(Object.fromEntries(failed(verb))).toMatchObject({
        new_failed: {
          Namespace: 'Weir/dev',
          Dimensions: [
            { Name: 'endpoint', Value: verb },
            { Name: 'version', Value: aliasOf(verb).Properties.FunctionVersion },
          ],
        },
        both_failed: { Namespace: 'Weir/dev', Dimensions: [{ Name: 'endpoint', Value: verb }] },
      });
  });

  it('send a version back that crashes, or that answers with a 5xx, while the other one does not', () => {
    const calls = { new_calls: 10, both_calls: 100 };

    expect(goesBack('ingest-errors', { ...calls, new_errors: 10, both_errors: 10 })).toBe(true);
    expect(goesBack('ingest-errors', { ...calls, new_failed: 3, both_failed: 3 })).toBe(true);
    expect(
      goesBack('ingest-errors', { ...calls, new_errors: 2, new_failed: 1, both_errors: 2, both_failed: 1 }),
    ).toBe(true);
    expect(goesBack('ingest-errors', calls)).toBe(false);
  });

  it('send nothing back in an outage, or in a flood of wrong keys: both versions fail alike', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const calls = fc.integer({ min: 10, max: 100_000 });
    fc.assert(
      fc.property(share, calls, (failing, all) => {
        const minute = { new_calls: all / 10, both_calls: all };
        const errors = { new_errors: (all / 10) * failing, both_errors: all * failing };

        expect(goesBack('authorize-errors', { ...minute, ...errors })).toBe(false);
      }),
      { seed: 22 },
    );
  });

  it('send nothing back for one or two failed calls of a quiet night', () => {
    for (const new_errors of [1, 2])
      expect(
        goesBack('ingest-errors', { new_calls: 2, both_calls: 20, new_errors, both_errors: new_errors }),
      ).toBe(false);
  });

  it('send a version back that is slow while the other one is not, from ten slow calls on', () => {
    const slow = (calls: number, quick: number) => ({
      new_calls: calls,
      new_quick: quick,
      both_calls: calls * 10,
      both_quick: 100 - (100 - quick) / 10,
    });

    expect(goesBack('ingest-slow', slow(100, 80))).toBe(true);
    expect(goesBack('ingest-slow', slow(10, 10))).toBe(false);
    expect(goesBack('ingest-slow', slow(1000, 98))).toBe(false);
    expect(goesBack('ingest-slow', { ...slow(100, 50), both_quick: 50 })).toBe(false);
  });

  it('are silent without calls, and while failures are told before the calls that failed', () => {
    for (const name of ['ingest-errors', 'ingest-slow']) expect(goesBack(name, {})).toBe(false);
    expect(goesBack('ingest-errors', { new_failed: 5, both_failed: 5 })).toBe(false);
  });
});
