// Sends to queues, topics and buckets on behalf of a service, through the proxy as every call.

import type { OwnCalls } from './own-calls.ts';

export type MessageAttribute = { readonly DataType: 'String' | 'Number'; readonly StringValue: string };
export type Message = {
  readonly body: string;
  /** Heard by subscribers of topics only. */
  readonly subject?: string;
  readonly attributes?: Readonly<Record<string, MessageAttribute>>;
};

/** Each rejects with EngineRefused. */
export type Messenger = {
  toQueue(queueName: string, message: Message): Promise<void>;
  toTopic(topicArn: string, message: Message): Promise<void>;
  toBucket(bucketName: string, key: string, body: string): Promise<void>;
};

export function createMessenger(calls: OwnCalls): Messenger {
  return {
    toBucket: calls.putObject,
    toQueue: async (QueueName, { body, attributes = {} }) => {
      const { QueueUrl } = await calls.json<{ QueueUrl: string }>('sqs', 'GetQueueUrl', { QueueName });
      const input = { QueueUrl, MessageBody: body, MessageAttributes: attributes };
      await calls.json('sqs', 'SendMessage', input);
    },
    toTopic: (topicArn, message) => calls.form('sns', publication(topicArn, message)),
  };
}

function publication(topicArn: string, { body, subject, attributes = {} }: Message): URLSearchParams {
  const form = new URLSearchParams({
    Action: 'Publish',
    Version: '2010-03-31',
    TopicArn: topicArn,
    Message: body,
    ...(subject !== undefined && { Subject: subject }),
  });
  for (const [index, [name, { DataType, StringValue }]] of Object.entries(attributes).entries()) {
    const entry = `MessageAttributes.entry.${index + 1}`;
    form.set(`${entry}.Name`, name);
    form.set(`${entry}.Value.DataType`, DataType);
    form.set(`${entry}.Value.StringValue`, StringValue);
  }
  return form;
}
