// CloudWatch: the metrics that functions print and AWS makes, the alarms and dashboards over them, and the API to them.

import { join } from 'node:path';
import { createOwnCalls } from '../../core/proxy/own-calls.ts';
import { once, type Service, type ServiceContext, whileStarting } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { alarmPages } from './alarm-pages.ts';
import { AlarmRunner } from './alarms/alarm-runner.ts';
import { Alarms, type Transition } from './alarms/alarms.ts';
import { stateChangeEvent, topicMessage } from './alarms/notifications.ts';
import { createCloudWatchApi } from './api/cloudwatch-api.ts';
import type { AwsSeries } from './aws-series.ts';
import { dashboardPages } from './dashboard-pages.ts';
import { Dashboards } from './dashboards/dashboards.ts';
import { metricPages } from './metric-pages.ts';
import { Metrics } from './metrics.ts';
import type { MetricStore } from './store/metric-store.ts';

export type CloudWatch = Service & {
  readonly metrics: Metrics;
  readonly alarms: Pick<Alarms, 'states' | 'history'>;
};

export type CloudWatchContext = Pick<ServiceContext, 'clock' | 'proxy' | 'report' | 'logFolder'> & {
  readonly functionLabels: readonly string[];
  /** What AWS measures comes into it as well. */
  readonly store: MetricStore;
  readonly aws: AwsSeries;
  /** On the default bus. */
  readonly putEvent: (event: ReturnType<typeof stateChangeEvent>) => void;
};

export function createCloudWatch(template: Template, context: CloudWatchContext): CloudWatch {
  const { clock, proxy, report, logFolder, functionLabels, store, aws, putEvent } = context;
  const metrics = new Metrics({
    aws,
    logFiles: Object.fromEntries(functionLabels.map((label) => [label, join(logFolder, `${label}.log`)])),
    store,
  });
  const alarms = whileStarting('the alarms', () => new Alarms(template, store, clock.now()));
  const dashboards = new Dashboards(template, { store, alarms, now: clock.now });
  const calls = createOwnCalls(proxy.send, 'alarms');
  const publish = async (topicArn: string, transition: Transition) => {
    const { subject, message } = topicMessage(transition);
    const form = {
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: topicArn,
      Subject: subject,
      Message: message,
    };
    await calls.form('sns', new URLSearchParams(form));
  };
  const tell = (transition: Transition) => {
    putEvent(stateChangeEvent(transition));
    for (const arn of transition.actions)
      if (isTopic(arn))
        publish(arn, transition).catch((error: Error) =>
          report(`The alarm ${transition.alarm.name} could not tell ${arn}: ${error.message}`),
        );
  };
  const collect = () => metrics.collect();
  const runner = new AlarmRunner({ alarms, clock, collect, tell });
  const api = createCloudWatchApi({
    ...{ store, collect, alarms },
    now: clock.now,
    set: (...change) => runner.set(...change),
  });
  return {
    name: 'monitoring',
    destination: { answer: api },
    pages: { ...metricPages(metrics), ...alarmPages(alarms), ...dashboardPages(dashboards, collect) },
    phases: {
      receivers: [metrics],
      sources: [once('the actions of alarms', async () => reportOthers(alarms, report)), runner],
    },
    metrics,
    alarms,
  };
}

const isTopic = (arn: string): boolean => arn.startsWith('arn:aws:sns:');

function reportOthers(alarms: Alarms, report: (problem: string) => void): void {
  for (const { alarm } of alarms.states())
    for (const arn of new Set(Object.values(alarm.actions).flat()))
      if (!isTopic(arn))
        report(`${alarm.name}: only topics are told of an alarm here: ${arn} hears nothing.`);
}
