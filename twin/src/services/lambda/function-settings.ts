// What the twin reads of an AWS::Lambda::Function: code, limits and the environment that Lambda would give it.

import { availableParallelism } from 'node:os';
import { twinAccount } from '../../template/pseudo-parameters.ts';
import type { Resource } from '../../template/template.ts';

export type FunctionSettings = {
  /** How logs, counts, pages and fault rules call it. */
  readonly label: string;
  readonly name: string;
  readonly arn: string;
  readonly logGroupName: string;
  /** Undefined where the code is inline. */
  readonly codeFolder: string | undefined;
  readonly inlineCode: string | undefined;
  /** As `file.export`. */
  readonly handler: string;
  readonly memoryMebibytes: number;
  readonly heap: HeapLimits;
  readonly timeoutMs: number;
  readonly maxEnvironments: number;
  /** The limit where none is reserved. */
  readonly unreservedEnvironments: number;
  /** Whether the limit is the template's own: then it throttles. */
  readonly isReserved: boolean;
  readonly environment: Readonly<Record<string, string>>;
};

export type HeapLimits = { readonly oldMebibytes: number; readonly youngMebibytes: number };

/**
 * How many environments a function without reserved concurrency has at most. Lambda would go on to the account's
 * quota; here, more threads than the cores can feed only make all of them slower.
 */
export const unreservedEnvironments = Math.max(4, 2 * availableParallelism());

type FunctionProperties = {
  readonly Code?: { readonly S3Key?: string; readonly ZipFile?: string };
  readonly Handler?: string;
  readonly Runtime?: string;
  readonly MemorySize?: number;
  readonly Timeout?: number;
  readonly ReservedConcurrentExecutions?: number;
  readonly LoggingConfig?: { readonly LogGroup?: string };
  readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
};

export class FunctionNotRunnable extends Error {
  override readonly name = 'FunctionNotRunnable';
}

export function readFunctionSettings(
  resource: Resource,
  label: string,
  environments = unreservedEnvironments,
): FunctionSettings {
  const properties = resource.properties as FunctionProperties;
  const { S3Key: objectKey, ZipFile: inlineCode } = properties.Code ?? {};
  if (objectKey === undefined && inlineCode === undefined)
    throw new FunctionNotRunnable(
      `${resource.logicalId} has neither inline code nor an asset: the twin cannot run it.`,
    );
  if (properties.Runtime !== undefined && !/^nodejs\d/.test(properties.Runtime))
    throw new FunctionNotRunnable(
      `${resource.logicalId} runs on ${properties.Runtime}: the twin runs functions of Node.js only.`,
    );
  const handler = properties.Handler ?? 'index.handler';
  const memoryMebibytes = properties.MemorySize ?? 128;
  const logGroupName = logGroupNameOf(resource);
  const variables = Object.entries(properties.Environment?.Variables ?? {});
  return {
    label,
    name: resource.name,
    arn: resource.attribute('Arn'),
    logGroupName,
    codeFolder: objectKey === undefined ? undefined : resource.assetFolder(objectKey),
    inlineCode,
    handler,
    memoryMebibytes,
    heap: heapLimitsOf(properties.Environment?.Variables?.NODE_OPTIONS, memoryMebibytes),
    timeoutMs: (properties.Timeout ?? 3) * 1000,
    maxEnvironments: properties.ReservedConcurrentExecutions ?? environments,
    unreservedEnvironments: environments,
    isReserved: properties.ReservedConcurrentExecutions !== undefined,
    environment: {
      ...Object.fromEntries(variables.map(([name, value]) => [name, String(value)])),
      ...reservedVariables(resource.name, handler, memoryMebibytes, logGroupName),
    },
  };
}

export function logGroupNameOf({ name, properties }: Resource): string {
  return (properties as FunctionProperties).LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`;
}

/** V8 would give each of dozens of threads several times that, and collect it late. */
const youngMebibytes = 4;

/** Those that NODE_OPTIONS sets: a thread takes no notice of them there. V8 counts three semi-spaces as young. */
function heapLimitsOf(nodeOptions: unknown, memoryMebibytes: number): HeapLimits {
  const optionOf = (name: string) => {
    const [, value] = new RegExp(`--${name}=(\\d+)`).exec(String(nodeOptions ?? '')) ?? [];
    return value === undefined ? undefined : Number(value);
  };
  const semiSpace = optionOf('max-semi-space-size');
  return {
    oldMebibytes: optionOf('max-old-space-size') ?? memoryMebibytes,
    youngMebibytes: semiSpace === undefined ? youngMebibytes : 3 * semiSpace,
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
function reservedVariables(name: string, handler: string, memoryMebibytes: number, logGroupName: string) {
  return {
    AWS_DEFAULT_REGION: twinAccount.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMebibytes),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName,
    AWS_REGION: twinAccount.region,
    TZ: ':UTC',
    _HANDLER: handler,
  };
}

/** What the functions sign with and where their calls go: the proxy, by the SDK's own setting. */
export function connectionVariables(accessKeyId: string, proxyUrl: string): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: proxyUrl,
  };
}
