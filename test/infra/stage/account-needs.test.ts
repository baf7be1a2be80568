import { expect, it } from 'vitest';
import { accountNeeds } from '../../../lib/stage/account-needs.ts';
import { stages } from '../../../lib/stage/stages.ts';
import { resourcesOf, stageNamed, synthesize } from '../synthesize.ts';

it.each(stages.map((stage) => [stage.name, stage] as const))(
  'what %s needs of an account is what its templates have',
  (_name, stage) => {
    const { stateful, stateless } = synthesize(stage);
    const functions = resourcesOf(stateless, 'AWS::Lambda::Function').map(({ Properties }) => Properties);
    const streams = resourcesOf(stateful, 'AWS::Kinesis::Stream').map(({ Properties }) => Properties);
    const needs = accountNeeds(stage);

    expect(needs.functions.toSorted()).toEqual(functions.map(({ FunctionName }) => FunctionName).toSorted());
    expect(needs.reservedConcurrency).toBe(
      functions.reduce((sum, { ReservedConcurrentExecutions = 0 }) => sum + ReservedConcurrentExecutions, 0),
    );
    expect(needs.shards).toBe(streams.reduce((sum, { ShardCount = 0 }) => sum + ShardCount, 0));
    expect(needs.onDemandStreams).toBe(
      streams.filter(({ StreamModeDetails }) => StreamModeDetails?.StreamMode === 'ON_DEMAND').length,
    );
    expect(needs.usagePlans).toBe(resourcesOf(stateless, 'AWS::ApiGateway::UsagePlan').length);
  },
);

it('the version of the bootstrap stack is what the CDK asks for', () => {
  const { stateful } = synthesize(stageNamed('dev'));
  const rule = JSON.stringify(stateful.toJSON().Rules?.CheckBootstrapVersion ?? {});
  const refused = /Fn::Contains":\[\[([^\]]*)\]/.exec(rule)?.[1]?.match(/\d+/g) ?? [];

  expect(accountNeeds(stageNamed('dev')).bootstrapVersion).toBe(Math.max(...refused.map(Number)) + 1);
});
