// The event that Lambda makes of messages of a queue, and how many one event can hold.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html

import { twinAccount } from '../../../template/pseudo-parameters.ts';

/** As ReceiveMessage answers it. */
export type QueueMessage = {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly MD5OfMessageAttributes?: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
};
type MessageAttribute = {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
};

export function queueEvent(queueArn: string, messages: readonly QueueMessage[]) {
  return {
    Records: messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, attribute]) => [name, member(attribute)]),
      ),
      md5OfBody: message.MD5OfBody,
      ...(message.MD5OfMessageAttributes !== undefined && {
        md5OfMessageAttributes: message.MD5OfMessageAttributes,
      }),
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn,
      awsRegion: twinAccount.region,
    })),
  };
}

function member({ DataType, StringValue, BinaryValue }: MessageAttribute) {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}

const maxBatchBytes = 6 * 1024 * 1024;

/** How many from the front fit into one payload; always at least one. */
export function countThatFits(messages: readonly QueueMessage[], batchSize: number): number {
  let bytes = 0;
  const cut = messages.findIndex((message, index) => {
    bytes += Buffer.byteLength(JSON.stringify(queueEvent('', [message])));
    return index >= batchSize || bytes > maxBatchBytes;
  });
  return cut === -1 ? messages.length : Math.max(cut, 1);
}
