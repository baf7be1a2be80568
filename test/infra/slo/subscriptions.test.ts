import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { resourcesOf, stageNamed, synthesize } from '../synthesize.ts';

describe('who is notified', () => {
  const named = {
    page: [{ mail: 'oncall@example.com' }, { https: 'https://pager.example.com/weir' }],
    ticket: [{ mail: 'team@example.com' }],
    report: [{ mail: 'product@example.com' }],
  };
  const subscriptionsOf = (template: Template) =>
    resourcesOf(template, 'AWS::SNS::Subscription').map(
      ({ Properties: { TopicArn, Protocol, Endpoint } }) => [
        resourceAt(template, TopicArn.Ref).DisplayName,
        Protocol,
        Endpoint,
      ],
    );
  const { stateless } = synthesize({ ...stageNamed('dev'), notify: named });
  const resourceAt = (template: Template, id: string) => template.toJSON().Resources[id].Properties;

  it('is whom the stage names, by each topic', () => {
    expect(subscriptionsOf(stateless).toSorted()).toEqual([
      ['Weir dev: makes a ticket', 'email', 'team@example.com'],
      ['Weir dev: reports', 'email', 'product@example.com'],
      ['Weir dev: wakes someone', 'email', 'oncall@example.com'],
      ['Weir dev: wakes someone', 'https', 'https://pager.example.com/weir'],
    ]);
  });

  it('is nobody where the stage leaves it out', () => {
    expect(subscriptionsOf(synthesize(stageNamed('dev')).stateless)).toEqual([]);
  });
});
