// The event that a function gets of a message of a topic.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html

import { twinAccount } from '../../template/pseudo-parameters.ts';
import type { Publication } from './publications.ts';

export function topicEvent(publication: Publication, subscriptionArn: string, nowMs: number) {
  const { topicArn, messageId, message, subject, attributes } = publication;
  const host = `https://sns.${twinAccount.region}.amazonaws.com`;
  return {
    Records: [
      {
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn,
        EventSource: 'aws:sns',
        Sns: {
          Type: 'Notification',
          MessageId: messageId,
          TopicArn: topicArn,
          Subject: subject ?? null,
          Message: message,
          Timestamp: new Date(nowMs).toISOString(),
          SignatureVersion: '1',
          Signature: 'local',
          SigningCertUrl: `${host}/local.pem`,
          UnsubscribeUrl: `${host}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`,
          MessageAttributes: attributes,
        },
      },
    ],
  };
}
