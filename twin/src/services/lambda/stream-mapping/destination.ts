// Where a mapping sends discarded records: a bucket gets the whole payload, queues and topics only the position.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html

import type { Messenger } from '../../../core/proxy/messenger.ts';
import type { Target } from '../../../template/targets.ts';
import type { FailureRecord } from './failure-record.ts';

export function send(
  messenger: Messenger,
  { kind, name, arn }: Target,
  { objectKey, metadata, payload }: FailureRecord,
): Promise<void> {
  if (kind === 'bucket') return messenger.toBucket(name, objectKey, JSON.stringify({ ...metadata, payload }));
  const body = JSON.stringify(metadata);
  return kind === 'queue' ? messenger.toQueue(name, { body }) : messenger.toTopic(arn, { body });
}
