// What calls to SQS need. Batches need the action of a single message.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html

import { jsonBody } from '../../../core/proxy/json-body.ts';
import { queueArn } from '../arns.ts';
import type { Needs } from './call-needs.ts';

const operations: Readonly<Record<string, string>> = {
  ChangeMessageVisibility: 'ChangeMessageVisibility',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
  DeleteMessage: 'DeleteMessage',
  DeleteMessageBatch: 'DeleteMessage',
  GetQueueAttributes: 'GetQueueAttributes',
  GetQueueUrl: 'GetQueueUrl',
  ReceiveMessage: 'ReceiveMessage',
  SendMessage: 'SendMessage',
  SendMessageBatch: 'SendMessage',
};

export const sqsNeeds: Needs = ({ operation, body }) => {
  const { QueueUrl, QueueName } = jsonBody(body) ?? {};
  const queue = QueueName ?? (QueueUrl === undefined ? undefined : String(QueueUrl).split('/').at(-1));
  if (!Object.hasOwn(operations, operation) || queue === undefined) return undefined;
  return [{ action: `sqs:${operations[operation]}`, resource: queueArn(String(queue)) }];
};
