// As much of Lambda's control plane as runbooks need: to see a function, to bound how many of its invocations run at once,
// and to see, disable and enable what polls for it. What is set lasts until the twin ends.
// https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html

import { isJsonRecord } from '../../core/json-record.ts';
import { type AwsAnswer, type AwsCall, errorAnswer, jsonAnswer } from '../../core/proxy/aws-call.ts';
import { jsonBody } from '../../core/proxy/json-body.ts';
import { functionNameOf, qualifierOf } from '../../template/template.ts';
import type { FunctionSettings } from './function-settings.ts';
import type { MappingControl } from './mapping-control.ts';

/** A function, as far as it is told and set here. */
export type ConfiguredFunction = {
  readonly settings: FunctionSettings;
  /** Undefined where nothing is reserved. */
  reservedConcurrency: number | undefined;
};

export type ConfigurationOptions = {
  readonly functionNamed: (name: string) => ConfiguredFunction | undefined;
  readonly mappings: () => readonly MappingControl[];
};

type Call = Pick<AwsCall, 'method' | 'url' | 'body'>;

const functionPath = /^\/[\d-]+\/functions\/([^/]+)\/(configuration|concurrency)$/;
const mappingPath = /^\/2015-03-31\/event-source-mappings\/(?:([^/]+)\/?)?$/;

/** Undefined where the call is another one. */
export function createConfigurationPlane(options: ConfigurationOptions) {
  return ({ method, url, body }: Call): AwsAnswer | undefined => {
    const [path = '', query] = url.split('?', 2);
    const [, name, what] = functionPath.exec(path) ?? [];
    if (name !== undefined) return ofFunction(options, `${method} ${what}`, decodeURIComponent(name), body);
    const found = mappingPath.exec(path.endsWith('/event-source-mappings') ? `${path}/` : path);
    if (found === null) return undefined;
    const [, uuid] = found;
    return uuid === undefined
      ? listMappings(options, method, new URLSearchParams(query))
      : ofMapping(options, method, decodeURIComponent(uuid), body);
  };
}

function ofFunction(
  { functionNamed }: ConfigurationOptions,
  operation: string,
  name: string,
  body: Buffer,
): AwsAnswer | undefined {
  const found = functionNamed(functionNameOf(name));
  if (found === undefined) return notFound(`Function not found: ${name}`);
  switch (operation) {
    case 'GET configuration':
      return jsonAnswer(200, configurationOf(found.settings));
    case 'GET concurrency':
      return jsonAnswer(200, concurrencyOf(found));
    case 'PUT concurrency': {
      const reserved = jsonBody(body)?.ReservedConcurrentExecutions;
      if (typeof reserved !== 'number' || !Number.isInteger(reserved) || reserved < 0)
        return invalid('ReservedConcurrentExecutions must be a number of 0 or above.');
      found.reservedConcurrency = reserved;
      return jsonAnswer(200, concurrencyOf(found));
    }
    case 'DELETE concurrency':
      found.reservedConcurrency = undefined;
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    default:
      return undefined;
  }
}

const concurrencyOf = ({ reservedConcurrency }: ConfiguredFunction) =>
  reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };

function configurationOf(settings: FunctionSettings) {
  return {
    FunctionName: settings.name,
    FunctionArn: settings.arn,
    Handler: settings.handler,
    MemorySize: settings.memoryMebibytes,
    Timeout: settings.timeoutMs / 1000,
    Environment: { Variables: settings.environment },
    LoggingConfig: { LogGroup: settings.logGroupName, LogFormat: 'JSON' },
    Version: '$LATEST',
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}

function listMappings({ mappings }: ConfigurationOptions, method: string, query: URLSearchParams) {
  if (method !== 'GET') return undefined;
  const name = query.get('FunctionName');
  const source = query.get('EventSourceArn');
  const wanted = mappings().filter(
    ({ functionArn, eventSourceArn }) =>
      (name === null || isSame(functionArn, name)) && (source === null || eventSourceArn === source),
  );
  return jsonAnswer(200, { EventSourceMappings: wanted.map((mapping) => describe(mapping)) });
}

/** What polls for an alias is not listed for the function without it. */
const isSame = (one: string, other: string): boolean =>
  functionNameOf(one) === functionNameOf(other) && qualifierOf(one) === qualifierOf(other);

function ofMapping(
  { mappings }: ConfigurationOptions,
  method: string,
  uuid: string,
  body: Buffer,
): AwsAnswer | undefined {
  const mapping = mappings().find((each) => each.uuid === uuid);
  if (mapping === undefined) return notFound('The resource you requested does not exist.');
  if (method === 'GET') return jsonAnswer(200, describe(mapping));
  if (method !== 'PUT') return undefined;
  const input = jsonBody(body);
  const given = isJsonRecord(input) ? input : {};
  const { Enabled, MaximumRecordAgeInSeconds: maxAge, ParallelizationFactor: factor } = given;
  const changeable = ['FunctionName', 'Enabled', ...(mapping.stream ? ofStreams : [])];
  const other = Object.keys(given).find((key) => !changeable.includes(key));
  if (other !== undefined)
    return errorAnswer(
      501,
      'NotModelled',
      `The local twin changes no ${other} of this mapping: it takes Enabled, and of a stream ${ofStreams.join(' and ')}. Change the template, and start the twin again.`,
    );
  if (factor !== undefined && !isFactor(factor))
    return invalid('ParallelizationFactor must be a whole number from 1 to 10.');
  if (isFactor(factor)) mapping.setParallelizationFactor?.(factor);
  if (typeof maxAge === 'number')
    mapping.setMaxAgeMs?.(maxAge < 0 ? Number.POSITIVE_INFINITY : maxAge * 1000);
  const isChanged = typeof Enabled === 'boolean' && mapping.isEnabled !== Enabled;
  if (isChanged) mapping.setEnabled(Enabled);
  const now = mappings().find((each) => each.uuid === uuid) ?? mapping;
  // It takes a moment on AWS: whoever asks again sees that it is done.
  const state = Enabled === true ? 'Enabling' : 'Disabling';
  return jsonAnswer(202, { ...describe(now), ...(isChanged && { State: state }) });
}

const ofStreams = ['MaximumRecordAgeInSeconds', 'ParallelizationFactor'];

const isFactor = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 10;

function describe(mapping: MappingControl) {
  const { uuid, functionArn, eventSourceArn, batchSize, windowMs, isEnabled, stream } = mapping;
  return {
    UUID: uuid,
    FunctionArn: functionArn,
    EventSourceArn: eventSourceArn,
    BatchSize: batchSize,
    MaximumBatchingWindowInSeconds: Math.round(windowMs / 1000),
    ...(stream && {
      ParallelizationFactor: stream.parallelizationFactor,
      MaximumRecordAgeInSeconds: Number.isFinite(stream.maxAgeMs) ? stream.maxAgeMs / 1000 : -1,
    }),
    State: isEnabled ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'USER_INITIATED',
  };
}

const notFound = (message: string) => errorAnswer(404, 'ResourceNotFoundException', message);
const invalid = (message: string) => errorAnswer(400, 'InvalidParameterValueException', message);
