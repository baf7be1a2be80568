import { describe, expect, it } from 'vitest';
import { only, resourcesOf, stageNamed, synthesize } from './synthesize.ts';

const { stateless } = synthesize(stageNamed('dev'));

describe('the report', () => {
  it('runs every quarter of an hour', () => {
    const rule = only(resourcesOf(stateless, 'AWS::Events::Rule')).Properties;

    expect(rule).toMatchObject({ ScheduleExpression: 'rate(15 minutes)', State: 'ENABLED' });
    expect(JSON.stringify(only(rule.Targets))).toContain('ReportFunction');
  });

  it('that cannot start within its quarter is dropped, because the next one looks at the same figures', () => {
    const rule = only(resourcesOf(stateless, 'AWS::Events::Rule')).Properties;
    const invocation = only(resourcesOf(stateless, 'AWS::Lambda::EventInvokeConfig')).Properties;
    const bounds = { MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 1 };

    expect(only<{ RetryPolicy: unknown }>(rule.Targets).RetryPolicy).toEqual(bounds);
    expect(invocation).toMatchObject(bounds);
  });
});
