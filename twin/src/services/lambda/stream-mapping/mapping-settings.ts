// What the twin reads of an AWS::Lambda::EventSourceMapping on a Kinesis stream or on the stream of a table.

import { compilePattern, type EventTest, PatternNotModelled } from '../../../core/event-pattern.ts';
import { findTarget, type Target } from '../../../template/targets.ts';
import { functionNameOf, qualifiedArn, type Resource, type Template } from '../../../template/template.ts';
import { type MappingIdentity, readMappingIdentity } from '../mapping-metrics.ts';
import type { RetryPolicy } from './next-steps.ts';

export type MappingSettings = MappingIdentity & {
  readonly kind: 'stream' | 'table';
  readonly functionArn: string;
  readonly functionName: string;
  /** The function's role, with which the mapping reads. */
  readonly roleArn: string;
  readonly streamArn: string;
  /** Of a table's stream: the name of the table. */
  readonly streamName: string;
  /** The function hears of records that match; absent: of all. */
  readonly filter?: EventTest;
  readonly batchSize: number;
  readonly windowMs: number;
  /** Batches of one shard that may be with the function at once. */
  readonly parallelizationFactor: number;
  readonly reportsItemFailures: boolean;
  readonly retry: RetryPolicy;
  readonly maxAgeMs: number;
  readonly onFailure: Target | undefined;
};

export class MappingNotModelled extends Error {
  override readonly name = 'MappingNotModelled';
}

const streamArnForm = /^arn:aws:kinesis:[^:]*:[^:]*:stream\/([^/]+)$/;
const tableStreamArnForm = /^arn:aws:dynamodb:[^:]*:[^:]*:table\/([^/]+)\/stream\//;
const queueArnForm = /^arn:aws:sqs:/;

/** Those of queues are read elsewhere. */
export function readMappings(
  template: Template,
  longestWindowMs = Number.POSITIVE_INFINITY,
): readonly MappingSettings[] {
  return template
    .resources('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => !queueArnForm.test(String(properties.EventSourceArn)))
    .map((resource) => readMapping(resource, template, longestWindowMs));
}

function readMapping(resource: Resource, template: Template, longestWindowMs: number): MappingSettings {
  const { logicalId, properties } = resource;
  const streamArn = String(properties.EventSourceArn);
  const tableName = tableStreamArnForm.exec(streamArn)?.[1];
  const streamName = tableName ?? streamArnForm.exec(streamArn)?.[1];
  if (streamName === undefined)
    throw new MappingNotModelled(
      `${logicalId}: mappings of ${streamArn} are not modelled, only those of Kinesis streams, SQS queues and the streams of tables.`,
    );
  refuseWhatChangesRecords(resource);
  const filter = readFilter(resource, tableName !== undefined);
  const functionName = functionNameOf(String(properties.FunctionName));
  const target = template.resources('AWS::Lambda::Function').find(({ name }) => name === functionName);
  if (target === undefined)
    throw new MappingNotModelled(`${logicalId}: there is no function ${functionName}.`);
  const responseTypes = (properties.FunctionResponseTypes ?? []) as readonly string[];
  return {
    ...readMappingIdentity(resource),
    kind: tableName === undefined ? 'stream' : 'table',
    functionArn: qualifiedArn(target.attribute('Arn'), String(properties.FunctionName)),
    functionName,
    roleArn: String(target.properties.Role),
    streamArn,
    streamName,
    ...(filter && { filter }),
    batchSize: Number(properties.BatchSize ?? 100),
    windowMs: Math.min(Number(properties.MaximumBatchingWindowInSeconds ?? 0) * 1000, longestWindowMs),
    parallelizationFactor: Number(properties.ParallelizationFactor ?? 1),
    reportsItemFailures: responseTypes.includes('ReportBatchItemFailures'),
    retry: {
      bisects: properties.BisectBatchOnFunctionError === true,
      maxRetries: orEndless(properties.MaximumRetryAttempts),
    },
    maxAgeMs: orEndless(properties.MaximumRecordAgeInSeconds) * 1000,
    onFailure: readDestination(resource, template),
  };
}

/** To pass over any of these would hand the function other records than it gets in the cloud. */
function refuseWhatChangesRecords({ logicalId, properties }: Resource): void {
  if (properties.StartingPosition !== 'TRIM_HORIZON')
    throw new MappingNotModelled(`${logicalId}: only StartingPosition TRIM_HORIZON is modelled.`);
  if (properties.TumblingWindowInSeconds !== undefined)
    throw new MappingNotModelled(`${logicalId}: TumblingWindowInSeconds is not modelled.`);
}

type FilterCriteria = { readonly Filters?: readonly { readonly Pattern?: string }[] };

/** A record that matches one of the patterns passes. Those of a stream would be of its data, decoded. */
function readFilter({ logicalId, properties }: Resource, isTable: boolean): EventTest | undefined {
  const { Filters = [] } = (properties.FilterCriteria ?? {}) as FilterCriteria;
  if (Filters.length === 0) return undefined;
  if (!isTable)
    throw new MappingNotModelled(`${logicalId}: FilterCriteria is modelled for the streams of tables only.`);
  try {
    const tests = Filters.map(({ Pattern }) => compilePattern(JSON.parse(Pattern ?? '{}')));
    return (record) => tests.some((matches) => matches(record));
  } catch (error) {
    if (!(error instanceof PatternNotModelled || error instanceof SyntaxError)) throw error;
    throw new MappingNotModelled(`${logicalId}: FilterCriteria: ${error.message}.`);
  }
}

/** Lambda's -1, its default, stands for no end. */
function orEndless(value: unknown): number {
  const number = Number(value ?? -1);
  return number < 0 ? Number.POSITIVE_INFINITY : number;
}

type DestinationConfig = { readonly OnFailure?: { readonly Destination?: string } };

/** Throws TargetNotModelled. */
function readDestination({ logicalId, properties }: Resource, template: Template): Target | undefined {
  const { OnFailure } = (properties.DestinationConfig ?? {}) as DestinationConfig;
  return OnFailure?.Destination === undefined
    ? undefined
    : findTarget(template, OnFailure.Destination, ['bucket', 'queue', 'topic'], logicalId);
}
