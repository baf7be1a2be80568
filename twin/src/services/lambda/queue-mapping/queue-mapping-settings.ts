// What the twin reads of an AWS::Lambda::EventSourceMapping on an SQS queue.

import { findTarget } from '../../../template/targets.ts';
import { functionNameOf, type Resource, type Template } from '../../../template/template.ts';
import { type MappingIdentity, readMappingIdentity } from '../mapping-metrics.ts';
import { MappingNotModelled } from '../stream-mapping/mapping-settings.ts';

export type QueueMappingSettings = MappingIdentity & {
  readonly functionArn: string;
  readonly functionLabel: string;
  readonly functionName: string;
  readonly queueArn: string;
  readonly queueName: string;
  readonly batchSize: number;
  readonly windowMs: number;
  /** Batches that may be with the function at once. */
  readonly maxConcurrency: number;
  readonly reportsItemFailures: boolean;
};

const queueArnForm = /^arn:aws:sqs:/;
const defaultBatchSize = 10;
/** Where the template sets no bound: as many pollers as Lambda begins with. */
const defaultConcurrency = 5;

export function readQueueMappings(
  template: Template,
  longestWindowMs = Number.POSITIVE_INFINITY,
): readonly QueueMappingSettings[] {
  return template
    .resources('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => queueArnForm.test(String(properties.EventSourceArn)))
    .map((resource) => readMapping(resource, template, longestWindowMs));
}

function readMapping(resource: Resource, template: Template, longestWindowMs: number): QueueMappingSettings {
  const { logicalId, properties } = resource;
  // To pass over it would hand the function messages that it does not get in the cloud.
  if (properties.FilterCriteria !== undefined)
    throw new MappingNotModelled(`${logicalId}: FilterCriteria is not modelled.`);
  const queueArn = String(properties.EventSourceArn);
  const functionName = functionNameOf(String(properties.FunctionName));
  const { arn } = findTarget(template, String(properties.FunctionName), ['function'], logicalId);
  const responseTypes = (properties.FunctionResponseTypes ?? []) as readonly string[];
  const { MaximumConcurrency } = (properties.ScalingConfig ?? {}) as { readonly MaximumConcurrency?: number };
  return {
    ...readMappingIdentity(resource),
    functionArn: arn,
    functionLabel: template.labelOf(functionName),
    functionName,
    queueArn,
    queueName: findTarget(template, queueArn, ['queue'], logicalId).name,
    batchSize: Number(properties.BatchSize ?? defaultBatchSize),
    windowMs: Math.min(Number(properties.MaximumBatchingWindowInSeconds ?? 0) * 1000, longestWindowMs),
    maxConcurrency: Number(MaximumConcurrency ?? defaultConcurrency),
    reportsItemFailures: responseTypes.includes('ReportBatchItemFailures'),
  };
}
