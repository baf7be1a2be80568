// The topic of reports in SNS.

import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { ReportTopic } from '../../domain/service-levels/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';
import { isTransient } from '../aws/transient-errors.ts';

export class ReportTopicUnavailable extends Unavailable {
  override readonly name = 'ReportTopicUnavailable';
}

export class SnsReportTopic implements ReportTopic {
  readonly #client: SNSClient;
  readonly #topicArn: string;

  constructor(topicArn: string, timeouts: Timeouts, connection: Connection = {}) {
    this.#client = new SNSClient({ ...clientOptions(timeouts), ...connection });
    this.#topicArn = topicArn;
  }

  async publish(subject: string, text: string): Promise<void> {
    try {
      const message = new PublishCommand({ TopicArn: this.#topicArn, Subject: subject, Message: text });
      await this.#client.send(message);
    } catch (cause) {
      if (!isTransient(cause)) throw cause;
      throw new ReportTopicUnavailable(`Publish did not succeed (${(cause as Error).name})`, { cause });
    }
  }
}
