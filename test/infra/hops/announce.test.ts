import { describe, expect, it } from 'vitest';
import { stages } from '../../../lib/stage/stages.ts';
import { only, resourcesOf, stageNamed, synthesize } from '../synthesize.ts';

const { stateful, stateless } = synthesize(stageNamed('dev'));

describe('the event bus', () => {
  it.each(stages.map((stage) => [stage.name, stage] as const))('of %s is named after it', (name, stage) => {
    const bus = only(resourcesOf(synthesize(stage).stateless, 'AWS::Events::EventBus'));

    expect(bus.Properties.Name).toBe(`weir-${name}`);
  });

  it('has no policy: nobody beyond the AWS account can put events on it', () => {
    const bus = only(resourcesOf(stateless, 'AWS::Events::EventBus'));

    expect(bus.Properties).not.toHaveProperty('Policy');
    expect(resourcesOf(stateless, 'AWS::Events::EventBusPolicy')).toEqual([]);
  });
});

describe('the mapping to announce', () => {
  const mapping = only(
    resourcesOf(stateless, 'AWS::Lambda::EventSourceMapping').filter(({ Properties }) =>
      JSON.stringify(Properties.EventSourceArn).includes('TablesAccounts'),
    ),
  ).Properties;

  it('takes what was committed from its oldest record on, until the bus has it', () => {
    expect(mapping).toMatchObject({
      Enabled: true,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    for (const bound of ['MaximumRetryAttempts', 'MaximumRecordAgeInSeconds', 'DestinationConfig'])
      expect(mapping).not.toHaveProperty(bound);
  });

  it('hands over audit entries and notices alone, and no deletions', () => {
    const patterns = mapping.FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) =>
      JSON.parse(Pattern),
    );

    expect(patterns).toEqual(
      ['audit#', 'notice#'].map((prefix) => ({
        dynamodb: {
          Keys: { pk: { S: [{ prefix }] } },
          NewImage: { what: { S: [{ exists: true }] } },
        },
      })),
    );
  });

  it('no other table has a stream', () => {
    const streamed = resourcesOf(stateful, 'AWS::DynamoDB::Table').filter(
      ({ Properties }) => Properties.StreamSpecification,
    );

    expect(only(streamed).logicalId).toMatch(/^TablesAccounts/);
  });
});
