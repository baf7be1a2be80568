import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { workTimeouts } from '../../../../adapters/aws/client-options.ts';
import { CloudWatchAlarmReader } from '../../../../adapters/service-levels/cloudwatch-alarm-reader.ts';
import { CloudWatchMetricReader } from '../../../../adapters/service-levels/cloudwatch-metric-reader.ts';
import { objectives } from '../../../../domain/service-levels/objectives.ts';
import { objectiveMeasurements } from '../../../../domain/service-levels/report-metrics.ts';
import { hourMs } from '../../../../domain/system/time.ts';

const cloudWatch = mockClient(CloudWatchClient);
beforeEach(() => cloudWatch.reset());

const connection = { region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
const range = { fromMs: 0, toMs: 2 * hourMs };
const ofGateway = (name: string) => ({
  ...{ namespace: 'AWS/ApiGateway', name, statistic: 'Sum' },
  dimensions: { ApiName: 'weir-dev' },
});
const measurement = {
  metrics: { requests: ofGateway('Count'), errors: ofGateway('5XXError') },
  expressions: { total: 'FILL(requests, 0)', bad: 'FILL(errors, 0)' },
};

describe('metrics of CloudWatch', () => {
  const reader = () => new CloudWatchMetricReader(workTimeouts, connection);

  it('are asked for by the hour, each measurement with ids of its own, and answered by name', async () => {
    cloudWatch
      .on(GetMetricDataCommand)
      .resolvesOnce({
        MetricDataResults: [{ Id: 'e1_total', Timestamps: [new Date(0)], Values: [5] }],
        NextToken: 'more',
      })
      .resolvesOnce({ MetricDataResults: [{ Id: 'e1_total', Timestamps: [new Date(hourMs)], Values: [7] }] });

    const [first, second] = await reader().read([measurement, measurement], range);

    expect(first).toEqual({ total: new Map(), bad: new Map() });
    expect([...(second?.total ?? [])]).toEqual([
      [0, 5],
      [hourMs, 7],
    ]);
    const queries = cloudWatch.commandCalls(GetMetricDataCommand)[0]?.args[0].input.MetricDataQueries ?? [];
    expect(queries).toContainEqual({
      ...{ Id: 'e1_bad', Expression: 'FILL(m1_errors, 0)', Period: 3600, ReturnData: true },
    });
    expect(new Set(queries.map(({ Id }) => Id)).size).toBe(8);
  });

  it('of more than a call takes are asked for in several, with the expressions beside their metrics', async () => {
    cloudWatch.on(GetMetricDataCommand).resolves({});

    await reader().read(
      Array.from({ length: 126 }, () => measurement),
      range,
    );

    const sizes = cloudWatch
      .commandCalls(GetMetricDataCommand)
      .map(({ args }) => args[0].input.MetricDataQueries?.length);
    expect(sizes).toEqual([500, 4]);
  });

  it('of all objectives fit into one call, and ADR 68 says how many they are', async () => {
    cloudWatch.on(GetMetricDataCommand).resolves({});
    const measured = { stage: 'dev', api: { apiName: 'weir-dev', stageName: 'api' } };

    await reader().read(objectiveMeasurements(measured), range);

    const calls = cloudWatch.commandCalls(GetMetricDataCommand);
    expect(calls).toHaveLength(1);
    const queries = calls[0]?.args[0].input.MetricDataQueries ?? [];
    expect(objectives).toHaveLength(8);
    expect(queries.filter(({ MetricStat }) => MetricStat)).toHaveLength(29);
  });

  it('that are throttled are a transient error, and a wrong expression is a bug', async () => {
    const failed = (name: string) => Object.assign(new Error(name), { name, $metadata: {} });
    cloudWatch.on(GetMetricDataCommand).rejectsOnce(failed('Throttling')).rejects(failed('ValidationError'));

    await expect(reader().read([measurement], range)).rejects.toMatchObject({
      name: 'CloudWatchUnavailable',
    });
    await expect(reader().read([measurement], range)).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('alarms of CloudWatch', () => {
  const alarm = (name: string, more: object = {}) => ({
    AlarmName: `weir-dev-${name}`,
    AlarmDescription: 'Too much. Severity: page. Runbook: docs/runbooks/x.md',
    AlarmActions: ['arn:page'],
    StateValue: 'OK' as const,
    StateUpdatedTimestamp: new Date(500),
    ...more,
  });
  const update = (name: string, atMs: number, stateValue: string) => ({
    AlarmName: `weir-dev-${name}`,
    Timestamp: new Date(atMs),
    HistoryData: JSON.stringify({ newState: { stateValue } }),
  });

  it('are those that notify, simple and composite, with their severity and state', async () => {
    cloudWatch.on(DescribeAlarmsCommand).resolves({
      MetricAlarms: [alarm('burn-long', { AlarmActions: [] }), alarm('stream-lag')],
      CompositeAlarms: [
        alarm('burn', {
          StateValue: 'ALARM',
          StateTransitionedTimestamp: new Date(700),
          AlarmDescription: 'Severity: ticket. Runbook: x',
        }),
      ],
    });

    expect(await new CloudWatchAlarmReader('dev', workTimeouts, connection).states()).toEqual([
      { alarm: 'stream-lag', severity: 'page', atMs: 500, isOn: false },
      { alarm: 'burn', severity: 'ticket', atMs: 700, isOn: true },
    ]);
  });

  it('tell their changes, without those of other stages and of halves, and without what cannot be read', async () => {
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm('stream-lag')] });
    cloudWatch.on(DescribeAlarmHistoryCommand).resolves({
      AlarmHistoryItems: [
        update('stream-lag', 1, 'ALARM'),
        update('burn-long', 2, 'ALARM'),
        { ...update('stream-lag', 3, 'OK'), HistoryData: 'no JSON' },
        update('stream-lag', 4, 'INSUFFICIENT_DATA'),
      ],
    });

    const reader = new CloudWatchAlarmReader('dev', workTimeouts, connection);

    expect(await reader.transitions({ fromMs: 0, toMs: 9 })).toEqual([
      { alarm: 'stream-lag', severity: 'page', atMs: 1, isOn: true },
      { alarm: 'stream-lag', severity: 'page', atMs: 4, isOn: false },
    ]);
    expect(cloudWatch.commandCalls(DescribeAlarmHistoryCommand)[0]?.args[0].input).toMatchObject({
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      HistoryItemType: 'StateUpdate',
    });
  });
});
