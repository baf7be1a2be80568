// What calls to SNS need. Batches need the action of a single message.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html

import type { Needs } from './call-needs.ts';

export const snsNeeds: Needs = ({ operation, body }) => {
  if (operation !== 'Publish' && operation !== 'PublishBatch') return undefined;
  const form = new URLSearchParams(body.toString());
  const topic = form.get('TopicArn') ?? form.get('TargetArn');
  return topic === null ? undefined : [{ action: 'sns:Publish', resource: topic }];
};
