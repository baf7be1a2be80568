// The two topics of alarms: one wakes somebody, the other makes a ticket.

import { Aws } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Severity } from '../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import { subscribe } from './subscriptions.ts';

export class SeverityTopics extends Construct {
  readonly page: Topic;
  readonly ticket: Topic;

  constructor(scope: Construct, id: string, stage: StageSettings) {
    super(scope, id);
    this.page = this.topic('Page', `Weir ${stage.name}: wakes someone`);
    this.ticket = this.topic('Ticket', `Weir ${stage.name}: makes a ticket`);
    if ('leftOut' in stage.notify) return;
    subscribe(this.page, stage.notify.page);
    subscribe(this.ticket, stage.notify.ticket);
  }

  notify(severity: Severity): SnsAction {
    return new SnsAction(this[severity]);
  }

  private topic(id: string, displayName: string): Topic {
    // Not encrypted with the AWS managed key: CloudWatch may not use that key, and alarms would be lost without an
    // error. They carry no tenant's data.
    const topic = new Topic(this, id, { displayName, enforceSSL: true });
    // The policy replaces the default one of the topic, which lets alarms publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        actions: ['sns:Publish'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    return topic;
  }
}
