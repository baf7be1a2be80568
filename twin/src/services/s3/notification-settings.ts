// Which target is notified of the objects of which bucket: by the bucket itself, and by the custom resource into which
// the CDK writes the same configuration in the form of S3's API.

import { isJsonRecord } from '../../core/json-record.ts';
import { customResource } from '../../template/notification-provider.ts';
import { findTarget, type Target, type TargetKind } from '../../template/targets.ts';
import type { Resource, Template } from '../../template/template.ts';

export type Notification = {
  readonly id: string;
  /** Such as `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
  readonly target: Target;
};

export type BucketNotifications = {
  readonly notifications: readonly Notification[];
  readonly putsOnBus: boolean;
};

export class NotificationNotModelled extends Error {
  override readonly name = 'NotificationNotModelled';
}

type FilterRule = { readonly Name: string; readonly Value: string };
type Configuration = {
  readonly Id?: string;
  readonly Event?: string;
  readonly Events?: readonly string[];
  readonly Filter?: {
    readonly S3Key?: { readonly Rules?: readonly FilterRule[] };
    readonly Key?: { readonly FilterRules?: readonly FilterRule[] };
  };
};
type Lists = Readonly<Record<string, readonly Configuration[] | undefined>>;

/** The lists and the member that names the target, in the words of CloudFormation and in those of the API. */
const lists: readonly { readonly list: string; readonly arn: string; readonly kind: TargetKind }[] = [
  { list: 'LambdaConfigurations', arn: 'Function', kind: 'function' },
  { list: 'LambdaFunctionConfigurations', arn: 'LambdaFunctionArn', kind: 'function' },
  { list: 'QueueConfigurations', arn: 'Queue', kind: 'queue' },
  { list: 'QueueConfigurations', arn: 'QueueArn', kind: 'queue' },
  { list: 'TopicConfigurations', arn: 'Topic', kind: 'topic' },
  { list: 'TopicConfigurations', arn: 'TopicArn', kind: 'topic' },
];

/** By bucket. */
export function readNotifications(template: Template): ReadonlyMap<string, BucketNotifications> {
  const configured = [
    ...template.resources('AWS::S3::Bucket').map((resource) => ({ resource, bucket: resource.name })),
    ...template.resources(customResource).map((resource) => ({
      resource,
      bucket: String(resource.properties.BucketName),
    })),
  ];
  const byBucket = new Map<string, BucketNotifications>();
  for (const { resource, bucket } of configured) {
    const { NotificationConfiguration } = resource.properties;
    if (!isJsonRecord(NotificationConfiguration)) continue;
    const notifications = readLists(resource, NotificationConfiguration as Lists, template);
    const known = byBucket.get(bucket) ?? { notifications: [], putsOnBus: false };
    byBucket.set(bucket, {
      notifications: [...known.notifications, ...notifications],
      putsOnBus: known.putsOnBus || isBusEnabled(NotificationConfiguration),
    });
  }
  return byBucket;
}

/** For S3's API its being there is enough; CloudFormation has a switch, which is on by default. */
function isBusEnabled(configuration: object): boolean {
  type Bus = { readonly EventBridgeConfiguration?: { readonly EventBridgeEnabled?: boolean | string } };
  const { EventBridgeConfiguration: bus } = configuration as Bus;
  return bus !== undefined && String(bus.EventBridgeEnabled ?? true) === 'true';
}

function readLists(resource: Resource, configuration: Lists, template: Template): readonly Notification[] {
  return lists.flatMap(({ list, arn, kind }) =>
    (configuration[list] ?? [])
      .filter((each) => arn in each)
      .map((each, index) => {
        const targetArn = String((each as Readonly<Record<string, unknown>>)[arn]);
        return {
          id: each.Id ?? `${resource.logicalId}-${kind}-${index}`,
          events: each.Events ?? [String(each.Event)],
          ...readFilter(resource, each),
          target: findTarget(template, targetArn, [kind], resource.logicalId),
        };
      }),
  );
}

function readFilter(
  { logicalId }: Resource,
  { Filter = {} }: Configuration,
): { readonly prefix: string; readonly suffix: string } {
  const rules = Filter.S3Key?.Rules ?? Filter.Key?.FilterRules ?? [];
  const filter = { prefix: '', suffix: '' };
  for (const { Name, Value } of rules) {
    const name = Name.toLowerCase();
    if (name !== 'prefix' && name !== 'suffix')
      throw new NotificationNotModelled(`${logicalId}: a filter by ${Name} is not modelled.`);
    filter[name] = String(Value);
  }
  return filter;
}
