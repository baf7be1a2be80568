// The subscriptions to the topics of the template: resources of their own, and lists within the topics.

import type { Template } from '../../template/template.ts';

export type Subscription = {
  readonly logicalId: string;
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly filterPolicy: unknown;
  readonly filterPolicyScope: unknown;
  /** Whether a queue gets the bare message; it says nothing of other targets. */
  readonly isRaw: boolean;
};

type Inline = { readonly Protocol: string; readonly Endpoint: string };

export function readSubscriptions(template: Template): readonly Subscription[] {
  const own = template.resources('AWS::SNS::Subscription').map(({ logicalId, properties }) => ({
    logicalId,
    arn: `${String(properties.TopicArn)}:${logicalId}`,
    topicArn: String(properties.TopicArn),
    protocol: String(properties.Protocol),
    endpoint: String(properties.Endpoint),
    filterPolicy: properties.FilterPolicy,
    filterPolicyScope: properties.FilterPolicyScope,
    isRaw: String(properties.RawMessageDelivery) === 'true',
  }));
  const inline = template.resources('AWS::SNS::Topic').flatMap(({ logicalId, reference, properties }) =>
    ((properties.Subscription ?? []) as readonly Inline[]).map(({ Protocol, Endpoint }, index) => ({
      logicalId,
      arn: `${reference}:${logicalId}-${index}`,
      topicArn: reference,
      protocol: Protocol,
      endpoint: Endpoint,
      filterPolicy: undefined,
      filterPolicyScope: undefined,
      isRaw: false,
    })),
  );
  return [...own, ...inline];
}
