// The API by the client of the SDK, alarms in a running twin, and who is told of them.

import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
  type PutMetricDataCommandInput,
  paginateGetMetricData,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, describe, expect, it } from 'vitest';
import { arnOf, queue, type RunningTriggers, startTriggers, topic } from '../../running-services.ts';

const minuteMs = 60_000;

const resources = {
  Page: topic('page'),
  Queue: queue('pages'),
  ToQueue: {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      TopicArn: { Ref: 'Page' },
      Protocol: 'sqs',
      Endpoint: arnOf('Queue'),
      RawMessageDelivery: true,
    },
  },
  Failing: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: 'shop-failing',
      AlarmDescription: 'Orders fail.',
      AlarmActions: [{ Ref: 'Page' }],
      Namespace: 'Shop',
      MetricName: 'errors',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 5,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    },
  },
  Both: {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    Properties: { AlarmName: 'shop-both', AlarmRule: 'ALARM("shop-failing")' },
  },
};

let running: RunningTriggers | undefined;
let client: CloudWatchClient;
afterEach(async () => {
  client?.destroy();
  await running?.end();
  running = undefined;
});

async function start(): Promise<RunningTriggers> {
  running = await startTriggers([], resources);
  client = new CloudWatchClient({
    endpoint: running.proxy.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'local' },
  });
  return running;
}

const put = (MetricData: PutMetricDataCommandInput['MetricData'], Namespace = 'Shop') =>
  client.send(new PutMetricDataCommand({ Namespace, MetricData }));

/** The beginning of a minute, a whole hour before now. */
const wholeMinute = ({ clock }: RunningTriggers) =>
  Math.floor(clock.now() / minuteMs) * minuteMs - 60 * minuteMs;

describe('metrics', () => {
  it('that were put are there as statistics, and as math over them', async () => {
    const startMs = wholeMinute(await start());
    const at = (minute: number) => new Date(startMs + minute * minuteMs);
    const named = { MetricName: 'latency', Dimensions: [{ Name: 'Api', Value: 'orders' }] };
    await put([
      { ...named, Timestamp: at(0), Values: [100, 900], Counts: [9, 1], Unit: 'Milliseconds' },
      { ...named, Timestamp: at(1), Value: 300, Unit: 'Milliseconds' },
      { ...named, Timestamp: at(3), StatisticValues: { SampleCount: 2, Sum: 30, Minimum: 10, Maximum: 20 } },
    ]);

    const answer = await client.send(
      new GetMetricDataCommand({
        StartTime: at(0),
        EndTime: at(4),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: [
          {
            Id: 'all',
            ReturnData: false,
            MetricStat: { Metric: { Namespace: 'Shop', ...named }, Period: 60, Stat: 'SampleCount' },
          },
          {
            Id: 'fast',
            Label: 'fast, %',
            MetricStat: { Metric: { Namespace: 'Shop', ...named }, Period: 60, Stat: 'PR(:500)' },
          },
          { Id: 'filled', Expression: 'FILL(all, 0) * 10' },
        ],
      }),
    );

    expect(answer.MetricDataResults).toEqual([
      { Id: 'fast', Label: 'fast, %', StatusCode: 'Complete', Timestamps: [at(0), at(1)], Values: [90, 100] },
      {
        Id: 'filled',
        Label: 'filled',
        StatusCode: 'Complete',
        Timestamps: [at(0), at(1), at(2), at(3)],
        Values: [100, 10, 0, 20],
      },
    ]);
    const statistics = await client.send(
      new GetMetricStatisticsCommand({
        ...{ Namespace: 'Shop', ...named, StartTime: at(0), EndTime: at(3), Period: 60 },
        Statistics: ['Sum', 'Maximum'],
        ExtendedStatistics: ['p90'],
      }),
    );
    expect(statistics.Datapoints).toEqual([
      { Timestamp: at(0), Sum: 1800, Maximum: 900, ExtendedStatistics: { p90: 100 }, Unit: 'Milliseconds' },
      { Timestamp: at(1), Sum: 300, Maximum: 300, ExtendedStatistics: { p90: 300 }, Unit: 'Milliseconds' },
    ]);
    expect((await client.send(new ListMetricsCommand({ Namespace: 'Shop' }))).Metrics).toEqual([
      { Namespace: 'Shop', ...named },
    ]);
  });

  it('come in pages, the newest first, and many at once', async () => {
    const startMs = wholeMinute(await start());
    const minutes = Array.from({ length: 50 }, (_, minute) => minute);
    // So many that the client compresses them.
    await put(
      minutes.flatMap((minute) =>
        Array.from({ length: 10 }, () => ({
          MetricName: 'orders',
          Timestamp: new Date(startMs + minute * minuteMs),
          Value: minute,
        })),
      ),
    );

    const values: number[] = [];
    const metric = { Metric: { Namespace: 'Shop', MetricName: 'orders' }, Period: 60, Stat: 'Sum' };
    for await (const { MetricDataResults } of paginateGetMetricData(
      { client },
      {
        StartTime: new Date(startMs),
        EndTime: new Date(startMs + 50 * minuteMs),
        MaxDatapoints: 20,
        MetricDataQueries: [{ Id: 'orders', MetricStat: metric }],
      },
    ))
      values.push(...(MetricDataResults?.[0]?.Values ?? []));

    expect(values).toEqual(minutes.map((minute) => minute * 10).toReversed());
  });

  it('are refused where they are wrong, with the reason', async () => {
    await start();

    await expect(put([{ MetricName: 'x', Value: 1 }], 'AWS/Lambda')).rejects.toThrow('AWS/ is for AWS');
    await expect(put([{ MetricName: 'x' }])).rejects.toThrow('no value');
    await expect(
      client.send(
        new GetMetricDataCommand({
          StartTime: new Date(0),
          EndTime: new Date(minuteMs),
          MetricDataQueries: [{ Id: 'e', Expression: 'GUESS(1)', Period: 60 }],
        }),
      ),
    ).rejects.toThrow('does not know GUESS');
  });
});

describe('alarms', () => {
  it('are evaluated as the clock moves, and tell topics and the default bus', async () => {
    const twin = await start();
    twin.clock.moveBy(2 * minuteMs);
    await put([{ MetricName: 'errors', Value: 6, Timestamp: new Date(twin.clock.now()) }]);

    twin.clock.moveBy(minuteMs + 1000);

    const describeAll = () =>
      client.send(
        new DescribeAlarmsCommand({
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
          AlarmNamePrefix: 'shop-',
        }),
      );
    const { MetricAlarms, CompositeAlarms } = await describeAll();
    expect(MetricAlarms).toMatchObject([
      { AlarmName: 'shop-failing', StateValue: 'ALARM', Threshold: 5, Period: 60, MetricName: 'errors' },
    ]);
    expect(CompositeAlarms).toMatchObject([
      { AlarmName: 'shop-both', StateValue: 'ALARM', AlarmRule: 'ALARM("shop-failing")' },
    ]);
    const [message] = await twin.received('pages');
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({
      AlarmName: 'shop-failing',
      AlarmDescription: 'Orders fail.',
      OldStateValue: 'OK',
      NewStateValue: 'ALARM',
      AWSAccountId: '000000000000',
      Trigger: { MetricName: 'errors', Namespace: 'Shop', Threshold: 5, Period: 60 },
    });
    expect(
      twin.events().map(({ bus, event }) => [bus, (event as { 'detail-type': string })['detail-type']]),
    ).toContainEqual(['default', 'CloudWatch Alarm State Change']);

    twin.clock.moveBy(5 * minuteMs);
    expect((await describeAll()).MetricAlarms).toMatchObject([{ StateValue: 'OK' }]);
    const { AlarmHistoryItems } = await client.send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'shop-failing', ScanBy: 'TimestampAscending' }),
    );
    expect(AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary)).toEqual([
      'Alarm updated from INSUFFICIENT_DATA to OK',
      'Alarm updated from OK to ALARM',
      'Alarm updated from ALARM to OK',
    ]);
  });

  it('can be set to a state, which acts, until they are evaluated again', async () => {
    const twin = await start();
    twin.clock.moveBy(2 * minuteMs);

    await client.send(
      new SetAlarmStateCommand({ AlarmName: 'shop-failing', StateValue: 'ALARM', StateReason: 'a drill' }),
    );

    expect(await twin.received('pages')).toHaveLength(1);
    expect(twin.alarms.history()).toContainEqual(expect.objectContaining({ to: 'ALARM', reason: 'a drill' }));
    twin.clock.moveBy(2 * minuteMs);
    expect(twin.alarms.states().map(({ state }) => state)).toEqual(['OK', 'OK']);
  });

  it('that are not there cannot be set', async () => {
    await start();
    const set = client.send(
      new SetAlarmStateCommand({ AlarmName: 'gone', StateValue: 'ALARM', StateReason: 'a drill' }),
    );

    await expect(set).rejects.toThrow('There is no alarm gone.');
  });
});
