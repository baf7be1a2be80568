// What the template says of a function's asynchronous invocations: how often and how long an event is retried,
// and its destinations. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html

import { findTarget, type Target, type TargetKind, TargetNotModelled } from '../../../template/targets.ts';
import { functionNameOf, qualifierOf, type Resource, type Template } from '../../../template/template.ts';
import { latest } from '../versions.ts';

export type AsyncSettings = {
  readonly maxRetries: number;
  readonly maxAgeMs: number;
  readonly onSuccess: Target | undefined;
  readonly onFailure: Target | undefined;
  /** Gets the bare event, where a destination gets a record of what became of it. */
  readonly deadLetter: Target | undefined;
};

type Destinations = Readonly<
  Record<'OnSuccess' | 'OnFailure', { readonly Destination?: string } | undefined>
>;

const lambdaDefaults = { maxRetries: 2, maxAgeMs: 6 * 3_600_000 };

/** Asked by the ARN that is called, with or without a version or alias. */
export function readAsyncSettings(template: Template): (functionArn: string) => AsyncSettings {
  const deadLetters = new Map(
    template.resources('AWS::Lambda::Function').map((each) => [each.name, readDeadLetter(each, template)]),
  );
  const configured = new Map(
    template.resources('AWS::Lambda::EventInvokeConfig').map((each) => readConfig(each, template)),
  );
  return (functionArn) => {
    const name = functionNameOf(functionArn);
    const undelivered = { onSuccess: undefined, onFailure: undefined };
    // An event belongs to the version or alias that was called, and Lambda counts its tries there.
    const settings = configured.get(`${name}:${qualifierOf(functionArn) ?? latest}`);
    return { ...lambdaDefaults, ...undelivered, ...settings, deadLetter: deadLetters.get(name) };
  };
}

function readConfig(
  resource: Resource,
  template: Template,
): readonly [string, Omit<AsyncSettings, 'deadLetter'>] {
  const { logicalId, properties } = resource;
  const { maxRetries, maxAgeMs } = lambdaDefaults;
  const { OnSuccess, OnFailure } = (properties.DestinationConfig ?? {}) as Partial<Destinations>;
  const target = (destination: string | undefined, kinds: readonly TargetKind[]) =>
    destination === undefined ? undefined : standard(findTarget(template, destination, kinds, logicalId));
  const key = `${functionNameOf(String(properties.FunctionName))}:${String(properties.Qualifier ?? latest)}`;
  return [
    key,
    {
      maxRetries: Number(properties.MaximumRetryAttempts ?? maxRetries),
      maxAgeMs: Number(properties.MaximumEventAgeInSeconds ?? maxAgeMs / 1000) * 1000,
      onSuccess: target(OnSuccess?.Destination, ['function', 'queue', 'topic']),
      onFailure: target(OnFailure?.Destination, ['function', 'queue', 'topic', 'bucket']),
    },
  ];
}

function readDeadLetter({ logicalId, properties }: Resource, template: Template): Target | undefined {
  const { TargetArn } = (properties.DeadLetterConfig ?? {}) as { readonly TargetArn?: string };
  return TargetArn === undefined
    ? undefined
    : standard(findTarget(template, TargetArn, ['queue', 'topic'], logicalId));
}

/** Lambda delivers to no queue or topic that keeps order. */
function standard(target: Target): Target {
  if (target.name.endsWith('.fifo'))
    throw new TargetNotModelled(`${target.arn} keeps order: Lambda sends nothing there.`);
  return target;
}
