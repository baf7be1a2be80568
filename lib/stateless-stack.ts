// What can be thrown away and deployed again: functions, API, mapping, schedule, alarms. It holds no data.

import { CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { tagsOf } from '../domain/system/functions.ts';
import { WeirApi } from './api/weir-api.ts';
import { Authorize } from './hops/authorize.ts';
import { Consumer } from './hops/consume.ts';
import type { HopProps } from './hops/hop.ts';
import { Ingest } from './hops/ingest.ts';
import { Read } from './hops/read.ts';
import { ReportSchedule } from './hops/report.ts';
import { Settle } from './hops/settle.ts';
import { ServiceLevels } from './slo/service-levels.ts';

export class StatelessStack extends Stack {
  constructor(scope: Construct, props: HopProps) {
    const { stage } = props;
    super(scope, `weir-${stage.name}-stateless`, {
      description: `Weir ${stage.name}: functions, API and alarms`,
      terminationProtection: stage.protect,
      ...(stage.region && { env: { region: stage.region } }),
    });
    for (const [name, value] of Object.entries(tagsOf(stage.name))) Tags.of(this).add(name, value);

    const { function: authorize } = new Authorize(this, 'Authorize', props);
    const { function: ingest } = new Ingest(this, 'Ingest', props);
    const { function: read } = new Read(this, 'Read', props);
    const { function: consume, mapping } = new Consumer(this, 'Consumer', props);
    const { function: settle } = new Settle(this, 'Settle', props);
    new ReportSchedule(this, 'ReportSchedule', props);
    const api = new WeirApi(this, 'Api', { stage, authorize, ingest, read });
    const alarms =
      stage.alarms === true
        ? new ServiceLevels(this, 'ServiceLevels', { stage, api, consume, settle, mapping })
        : undefined;

    const outputs = {
      ApiUrl: api.url,
      ApiId: api.apiId,
      ...api.usagePlanIds,
      // Nobody listens to the topics until someone is subscribed.
      ...(alarms && { PageTopic: alarms.topics.page.topicArn, TicketTopic: alarms.topics.ticket.topicArn }),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
