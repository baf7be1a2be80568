// Where a mapping sends what it gives up: the bucket gets the whole payload, queues and topics only where it was.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html

import type { Messenger } from '../../../core/proxy/messenger.ts';
import { findTarget, type Target } from '../../../template/targets.ts';
import type { Resource, Template } from '../../../template/template.ts';
import type { FailureRecord } from './failure-record.ts';

type DestinationConfig = { readonly OnFailure?: { readonly Destination?: string } };

/** Throws TargetNotModelled. */
export function readDestination({ logicalId, properties }: Resource, template: Template): Target | undefined {
  const { OnFailure } = (properties.DestinationConfig ?? {}) as DestinationConfig;
  return OnFailure?.Destination === undefined
    ? undefined
    : findTarget(template, OnFailure.Destination, ['bucket', 'queue', 'topic'], logicalId);
}

export function send(
  messenger: Messenger,
  { kind, name, arn }: Target,
  { objectKey, metadata, payload }: FailureRecord,
): Promise<void> {
  if (kind === 'bucket') return messenger.toBucket(name, objectKey, JSON.stringify({ ...metadata, payload }));
  const body = JSON.stringify(metadata);
  return kind === 'queue' ? messenger.toQueue(name, { body }) : messenger.toTopic(arn, { body });
}
