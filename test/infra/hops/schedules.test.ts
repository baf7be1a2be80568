import { describe, expect, it } from 'vitest';
import { payloadName, unreadableName } from '../../../domain/keys.ts';
import { settling } from '../../../domain/quarantine/quarantine.ts';
import { only, resourcesOf, stageNamed, synthesize } from '../synthesize.ts';

const { stateless } = synthesize(stageNamed('dev'));

const ruleFor = (target: RegExp) =>
  only(
    resourcesOf(stateless, 'AWS::Events::Rule').filter(
      ({ Properties }) => Properties.ScheduleExpression && target.test(JSON.stringify(Properties.Targets)),
    ),
  ).Properties;
const invocationOf = (name: RegExp) =>
  only(
    resourcesOf(stateless, 'AWS::Lambda::EventInvokeConfig').filter(({ Properties }) =>
      name.test(JSON.stringify(Properties.Qualifier)),
    ),
  ).Properties;

describe('the report', () => {
  it('runs every quarter of an hour', () => {
    expect(ruleFor(/ReportLive/)).toMatchObject({
      ScheduleExpression: 'rate(15 minutes)',
      State: 'ENABLED',
    });
  });

  it('that cannot start within a quarter of an hour is dropped, because the next run checks the same figures', () => {
    const bounds = { MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 1 };

    expect(only<{ RetryPolicy: unknown }>(ruleFor(/ReportLive/).Targets).RetryPolicy).toEqual(bounds);
    expect(invocationOf(/ReportLive/)).toMatchObject(bounds);
  });
});

describe('the review', () => {
  it('runs every hour, some minutes after it, when its metrics are there', () => {
    expect(ruleFor(/ReviewLive/)).toMatchObject({
      ScheduleExpression: 'cron(5 * * * ? *)',
      State: 'ENABLED',
    });
  });

  it('that cannot start within the hour is dropped, because the next run goes on where the last one ended', () => {
    const bounds = { MaximumEventAgeInSeconds: 3000, MaximumRetryAttempts: 2 };

    expect(only<{ RetryPolicy: unknown }>(ruleFor(/ReviewLive/).Targets).RetryPolicy).toEqual(bounds);
    expect(invocationOf(/ReviewLive/)).toMatchObject(bounds);
  });
});

describe('the sweep', () => {
  it('runs every five minutes, and for at most five, so that two rarely run at once', () => {
    expect(ruleFor(/SettleLive/)).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
    });
    expect(settling.timeoutSeconds).toBeLessThanOrEqual(settling.sweepEveryMinutes * 60);
  });
});

describe('settle', () => {
  const arrived = only(
    resourcesOf(stateless, 'AWS::Events::Rule').filter(({ Properties }) => Properties.EventPattern),
  ).Properties;

  it('is invoked for the dead letters of Lambda, not for those of consume, nor for objects that it writes itself', () => {
    expect(arrived).toMatchObject({
      State: 'ENABLED',
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [{ 'Fn::ImportValue': expect.stringMatching(/RefFailedRecordsBucket/) }] },
          object: { key: [{ prefix: 'aws/lambda/' }] },
        },
      },
    });
    expect(JSON.stringify(only(arrived.Targets))).toContain('SettleLive');
    const tenants = ['aws', 'dead-letters'].map((account) => ({
      account,
      environment: 'lambda',
      generation: 0,
    }));
    for (const name of [...tenants.map((tenant) => payloadName(tenant, 'b.0')), unreadableName('1')])
      expect(name).not.toMatch(/^(aws\/lambda|dead-letters)\//);
  });

  it('is retried a bounded number of times; then the sweep finds what is left', () => {
    const bounds = { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 2 };

    for (const { Targets } of [arrived, ruleFor(/SettleLive/)])
      expect(only<{ RetryPolicy: unknown }>(Targets).RetryPolicy).toEqual(bounds);
    expect(invocationOf(/SettleLive/)).toMatchObject(bounds);
  });
});
