import { describe, expect, it } from 'vitest';
import { delivery } from '../../../domain/record/delivery.ts';
import { stages } from '../../../lib/stage/stages.ts';
import { only, type Resource, resourcesOf, stageNamed, synthesize, wholeStage } from '../synthesize.ts';

const { stateless } = synthesize(wholeStage);
const tiny = synthesize(stageNamed('tiny')).stateless;

const functionOf = (id: string, template = stateless) =>
  only(
    resourcesOf(template, 'AWS::Lambda::Function').filter(({ Properties }) =>
      Properties.FunctionName.endsWith(`-${id}`),
    ),
  );

const mappingTo = ({ logicalId }: Resource, template = stateless) =>
  only(
    resourcesOf(template, 'AWS::Lambda::EventSourceMapping').filter(({ Properties }) =>
      JSON.stringify(Properties.FunctionName).includes(
        `"${logicalId.replace(/Function[0-9A-F]{8}$/, 'Live')}`,
      ),
    ),
  ).Properties;

const streamOf = ({ EventSourceArn }: Resource['Properties']) =>
  /FnGetAtt([A-Za-z]+)Stream/.exec(JSON.stringify(EventSourceArn))?.[1];

describe.each(['consume', 'consume-priority', 'consume-late'])('the mapping to %s', (id) => {
  const consume = functionOf(id);
  const mapping = mappingTo(consume);

  it('leaves nothing to a default', () => {
    expect(mapping).toMatchObject({
      BatchSize: 200,
      MaximumBatchingWindowInSeconds: 1,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 8,
      MaximumRecordAgeInSeconds: 18 * 60 * 60,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ParallelizationFactor: 1,
      StartingPosition: 'TRIM_HORIZON',
      Enabled: true,
      MetricsConfig: { Metrics: ['EventCount'] },
    });
    expect(mapping).not.toHaveProperty('TumblingWindowInSeconds');
  });

  it('sends a record that crashes the function, whole, to the bucket after a counted number of attempts', () => {
    // A crash ends at once, so the retries take only as long as the back-off between them.
    expect(mapping.MaximumRetryAttempts).toBeGreaterThanOrEqual(0);
    expect(mapping.MaximumRetryAttempts).toBeLessThanOrEqual(10);
    expect(JSON.stringify(mapping.DestinationConfig.OnFailure.Destination)).toMatch(
      /FailedRecordsBucket.*Arn/,
    );
  });

  it('keeps retrying through an outage of the tables of two hours', () => {
    expect(delivery.outlastsMinutes).toBeGreaterThanOrEqual(120);
    expect(mapping.MaximumRetryAttempts).toBe(delivery.retryAttempts);
    expect(mapping.MaximumRecordAgeInSeconds).toBeGreaterThan(delivery.outlastsMinutes * 60);
    expect(consume.Properties.Timeout).toBe(delivery.consumeTimeoutSeconds);
  });

  it('writes a record to the bucket before the stream drops it', () => {
    for (const { maxRecordAgeHours, streamRetentionHours } of stages)
      expect(maxRecordAgeHours * 60 + delivery.outlastsMinutes).toBeLessThan(streamRetentionHours * 60);
  });

  it('starts only once the role of the function may read the stream', () => {
    expect(consume.DependsOn.some((id: string) => id.includes('RoleHop'))).toBe(true);
  });
});

describe('the mappings', () => {
  it('hand each stream to a function of its own, so that the backlog of one takes no instance of another', () => {
    expect(streamOf(mappingTo(functionOf('consume')))).toBe('Events');
    expect(streamOf(mappingTo(functionOf('consume-priority')))).toBe('PriorityEvents');
    expect(streamOf(mappingTo(functionOf('consume-late')))).toBe('LateEvents');
  });

  it('are one in a stage that leaves the other streams out', () => {
    const mappings = resourcesOf(tiny, 'AWS::Lambda::EventSourceMapping');
    // Announce has one of its own, of the accounts table.
    const ofEvents = mappings.filter(({ Properties }) => JSON.stringify(Properties).includes('Consume'));
    expect(ofEvents).toHaveLength(1);
    expect(streamOf(mappingTo(functionOf('consume', tiny), tiny))).toBe('Events');
    const variables = Object.keys(functionOf('ingest', tiny).Properties.Environment.Variables);
    expect(variables.filter((name) => name.endsWith('_STREAM'))).toEqual(['EVENT_STREAM']);
  });

  it('has the parallelization factor and the greatest age of its stage', () => {
    const prod = synthesize({ ...stageNamed('prod'), parallelizationFactor: 3 }).stateless;

    prod.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ParallelizationFactor: 3,
      MaximumRecordAgeInSeconds: 48 * 60 * 60,
    });
  }, 120_000);
});
