// Where a mapping sends what it gives up: the bucket gets the whole payload, queues and topics only where it was.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html

import type { OwnCalls } from '../proxy/own-calls.ts';
import type { Resource, System } from '../template/system.ts';
import type { FailureRecord } from './failure-record.ts';

export type Destination = {
  readonly kind: 'bucket' | 'queue' | 'topic';
  readonly name: string;
  readonly arn: string;
};

export class DestinationNotModelled extends Error {
  override readonly name = 'DestinationNotModelled';
}

const kinds = [
  { kind: 'bucket', type: 'AWS::S3::Bucket' },
  { kind: 'queue', type: 'AWS::SQS::Queue' },
  { kind: 'topic', type: 'AWS::SNS::Topic' },
] as const;

type DestinationConfig = { readonly OnFailure?: { readonly Destination?: string } };

export function readDestination(
  { logicalId, properties }: Resource,
  system: System,
): Destination | undefined {
  const { OnFailure } = (properties.DestinationConfig ?? {}) as DestinationConfig;
  const arn = OnFailure?.Destination;
  if (arn === undefined) return undefined;
  for (const { kind, type } of kinds) {
    const resource = system
      .resources(type)
      .find((each) => each.attribute(kind === 'topic' ? 'TopicArn' : 'Arn') === arn);
    if (resource !== undefined) return { kind, name: resource.name, arn };
  }
  throw new DestinationNotModelled(
    `${logicalId}: ${arn} is no bucket, queue or topic of the template: what fails would be lost.`,
  );
}

export async function send(
  calls: OwnCalls,
  { kind, name, arn }: Destination,
  { objectKey, metadata, payload }: FailureRecord,
): Promise<void> {
  const withoutPayload = JSON.stringify(metadata);
  if (kind === 'bucket') await calls.putObject(name, objectKey, JSON.stringify({ ...metadata, payload }));
  else if (kind === 'topic') await calls.publish(arn, withoutPayload);
  else {
    const { QueueUrl } = await calls.json<{ QueueUrl: string }>('sqs', 'GetQueueUrl', { QueueName: name });
    await calls.json('sqs', 'SendMessage', { QueueUrl, MessageBody: withoutPayload });
  }
}
