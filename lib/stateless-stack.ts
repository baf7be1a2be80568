// The stack of everything that holds no data: functions, API, event source mapping, schedules, alarms. It can be deleted
// and deployed again.

import { CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { stackNamesOf, tagsOf } from '../domain/system/stage-names.ts';
import { WeirApi } from './api/weir-api.ts';
import { Deploys } from './deploys/deploys.ts';
import { Announce } from './hops/announce.ts';
import { Authorize } from './hops/authorize.ts';
import { Consume } from './hops/consume.ts';
import type { HopProps } from './hops/hop.ts';
import { Ingest } from './hops/ingest.ts';
import { Manage } from './hops/manage.ts';
import { Measure } from './hops/measure.ts';
import { Probe } from './hops/probe.ts';
import { Read } from './hops/read.ts';
import { Report } from './hops/report.ts';
import { Review } from './hops/review.ts';
import { Settle } from './hops/settle.ts';
import { Tally } from './hops/tally.ts';
import { ServiceLevels } from './slo/service-levels.ts';
import { stageLimitsOf } from './stage/stage-limits.ts';

export class StatelessStack extends Stack {
  constructor(scope: Construct, props: HopProps & { readonly back?: boolean }) {
    const { stage } = props;
    super(scope, stackNamesOf(stage.name).stateless, {
      description: `Weir ${stage.name}: functions, API and alarms`,
      terminationProtection: stage.protect,
      ...(stage.region && { env: { region: stage.region } }),
    });
    for (const [name, value] of Object.entries(tagsOf(stage.name))) Tags.of(this).add(name, value);

    const { live: authorize } = new Authorize(this, 'Authorize', props);
    const { live: ingest } = new Ingest(this, 'Ingest', props);
    const { live: read } = new Read(this, 'Read', props);
    const consumers = this.consumers(props);
    const tally = new Tally(this, 'Tally', props);
    const { function: settle, live: settleLive } = new Settle(this, 'Settle', props);
    const { live: manage } = new Manage(this, 'Manage', { ...props, settle });
    new Report(this, 'ReportSchedule', props);
    const { bus } = new Announce(this, 'Announcements', props);
    const api = new WeirApi(this, 'Api', { stage, authorize, ingest, manage, read });
    if (stage.probe === true) {
      const [slowest] = Object.values(api.usagePlanIds);
      if (slowest === undefined) throw new Error('There is no usage plan for the probe.');
      new Probe(this, 'Probe', { ...props, apiUrl: api.url, usagePlanId: slowest });
    }
    new Measure(this, 'Levels', { ...props, accessLog: api.accessLog });
    const { live, priority, late } = consumers;
    new Deploys(this, 'Deploys', {
      stage,
      waves: [
        {
          consume: live.live,
          ...(late && { 'consume-late': late.live }),
          ...(priority && { 'consume-priority': priority.live }),
          settle: settleLive,
          tally: tally.live,
        },
        { authorize, manage, read },
        { ingest },
      ],
      back: props.back === true,
    });
    const { topic: reportTopic } = new Review(this, 'Reviews', { ...props, api });
    const alarms =
      stage.alarms === true || 'signalsOnly' in stage.alarms
        ? new ServiceLevels(this, 'ServiceLevels', {
            stage,
            api,
            accessLog: api.accessLog.logGroupName,
            storage: props.storage,
            consumers,
            tally: tally.mappings,
          })
        : undefined;

    const outputs = {
      ApiUrl: api.url,
      ApiId: api.apiId,
      AccessLog: api.accessLog.logGroupName,
      ...api.usagePlanIds,
      EventBus: bus.eventBusName,
      ReportTopic: reportTopic.topicArn,
      // For `weir usage`.
      Limits: JSON.stringify(stageLimitsOf(stage)),
      // For the operator, who subscribes to the topics after the deploy.
      ...(alarms && { PageTopic: alarms.topics.page.topicArn, TicketTopic: alarms.topics.ticket.topicArn }),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }

  private consumers(props: HopProps) {
    const { storage } = props;
    const live = new Consume(this, 'Consumer', {
      ...props,
      stream: storage.stream,
      verb: 'consume',
      description: 'Claims, stores and counts the events of each record, once',
    });
    const priority =
      storage.priorityStream &&
      new Consume(this, 'PriorityConsumer', {
        ...props,
        stream: storage.priorityStream,
        verb: 'consume-priority',
        description: 'As consume, for the accounts on the priority stream',
      });
    const late =
      storage.lateStream &&
      new Consume(this, 'LateConsumer', {
        ...props,
        stream: storage.lateStream,
        verb: 'consume-late',
        description: 'As consume, for late events',
      });
    return { live, ...(priority && { priority }), ...(late && { late }) };
  }
}
