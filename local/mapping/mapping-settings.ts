// What the twin reads of an AWS::Lambda::EventSourceMapping on a Kinesis stream.

import { functionNameOf } from '../functions/functions.ts';
import type { Resource, System } from '../template/system.ts';

export type MappingSettings = {
  readonly id: string;
  readonly functionArn: string;
  /** Of the function: the mapping reads with it. */
  readonly roleArn: string;
  readonly streamArn: string;
  readonly streamName: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly reportsItemFailures: boolean;
};

export class MappingNotModelled extends Error {
  override readonly name = 'MappingNotModelled';
}

export function readMappings(system: System): readonly MappingSettings[] {
  // Disabled ones are read too: the start tells what of a template nobody read.
  const mappings = system.resources('AWS::Lambda::EventSourceMapping').map((resource) => ({
    isEnabled: resource.properties.Enabled !== false,
    settings: readMapping(resource, system),
  }));
  return mappings.filter(({ isEnabled }) => isEnabled).map(({ settings }) => settings);
}

function readMapping({ logicalId, properties }: Resource, system: System): MappingSettings {
  const streamArn = String(properties.EventSourceArn);
  const streamName = /^arn:aws:kinesis:[^:]*:[^:]*:stream\/(.+)$/.exec(streamArn)?.[1];
  if (streamName === undefined)
    throw new MappingNotModelled(
      `${logicalId}: mappings of ${streamArn} are not modelled, only Kinesis streams.`,
    );
  if (properties.StartingPosition !== 'TRIM_HORIZON')
    throw new MappingNotModelled(`${logicalId}: only StartingPosition TRIM_HORIZON is modelled.`);
  const functionName = functionNameOf(String(properties.FunctionName));
  const target = system.resources('AWS::Lambda::Function').find(({ name }) => name === functionName);
  if (target === undefined)
    throw new MappingNotModelled(`${logicalId}: there is no function ${functionName}.`);
  const responseTypes = (properties.FunctionResponseTypes ?? []) as readonly string[];
  return {
    id: logicalId,
    functionArn: target.attribute('Arn'),
    roleArn: String(target.properties.Role),
    streamArn,
    streamName,
    batchSize: Number(properties.BatchSize ?? 100),
    windowMs: Number(properties.MaximumBatchingWindowInSeconds ?? 0) * 1000,
    reportsItemFailures: responseTypes.includes('ReportBatchItemFailures'),
  };
}
