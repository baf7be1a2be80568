// Who is told by a topic, as the stage says. An address of mail has to confirm; until then it gets nothing.

import { Subscription, SubscriptionProtocol, type Topic } from 'aws-cdk-lib/aws-sns';
import type { Address } from '../stage/stage-settings.ts';

export function subscribe(topic: Topic, addresses: readonly Address[]): void {
  for (const address of addresses) {
    const [protocol, endpoint] =
      'mail' in address
        ? [SubscriptionProtocol.EMAIL, address.mail]
        : [SubscriptionProtocol.HTTPS, address.https];
    // Named by the address: another order of them is no change.
    new Subscription(topic, endpoint, { topic, protocol, endpoint });
  }
}
