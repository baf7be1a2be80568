// Sends the record of an invocation to its destination, and discarded events to their dead-letter queue.

import type { Next } from '../../../core/proxy/aws-call.ts';
import { createMessenger, type Messenger } from '../../../core/proxy/messenger.ts';
import { createOwnCalls } from '../../../core/proxy/own-calls.ts';
import type { Target } from '../../../template/targets.ts';
import { functionNameOf, type Template } from '../../../template/template.ts';
import type { FunctionMetrics } from '../function-metrics.ts';
import { recordKey } from '../record-key.ts';
import { type Ended, invocationRecord } from './invocation-record.ts';

export type Destinations = {
  record(target: Target, ended: Ended): Promise<void>;
  /** The bare event. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
  sendToDeadLetterQueue(target: Target, ended: Ended): Promise<void>;
};

export type DestinationsOptions = {
  readonly template: Pick<Template, 'labelOf'>;
  /** Through the proxy: what goes to a destination is counted as `<function>-destination`. */
  readonly send: Next;
  readonly invoke: (functionArn: string, event: unknown) => void;
  readonly now: () => number;
  readonly metricsOf: (functionArn: string) => Pick<FunctionMetrics, 'count'>;
  readonly report: (problem: string) => void;
};

export function createDestinations({
  template,
  send,
  invoke,
  now,
  metricsOf,
  report,
}: DestinationsOptions): Destinations {
  /** As Lambda does: what cannot be delivered is dropped. */
  const attempt = async (
    { arn }: Target,
    { functionArn }: Ended,
    deliver: (by: Messenger) => Promise<void>,
    failure: 'DestinationDeliveryFailures' | 'DeadLetterErrors',
  ) => {
    const caller = `${template.labelOf(functionArn)}-destination`;
    try {
      await deliver(createMessenger(createOwnCalls(send, caller)));
    } catch (error) {
      metricsOf(functionArn).count(failure);
      report(`${arn} cannot be written, and a record is lost: ${(error as Error).message}`);
    }
  };
  return {
    record: async (target, ended) => {
      const nowMs = now();
      const record = invocationRecord(ended, nowMs);
      if (target.kind === 'function') return invoke(target.arn, record);
      const body = JSON.stringify(record);
      const deliver = (messenger: Messenger) => {
        if (target.kind === 'queue') return messenger.toQueue(target.name, { body });
        if (target.kind === 'topic') return messenger.toTopic(target.arn, { body });
        return messenger.toBucket(
          target.name,
          recordKey(`aws/lambda/async/${functionNameOf(ended.functionArn)}`, nowMs),
          body,
        );
      };
      await attempt(target, ended, deliver, 'DestinationDeliveryFailures');
    },
    sendToDeadLetterQueue: async (target, ended) => {
      const message = { body: JSON.stringify(ended.event), attributes: failureAttributes(ended) };
      const deliver = (messenger: Messenger) =>
        target.kind === 'queue'
          ? messenger.toQueue(target.name, message)
          : messenger.toTopic(target.arn, message);
      await attempt(target, ended, deliver, 'DeadLetterErrors');
    },
  };
}

const longestMessage = 1024;

function failureAttributes({ requestId, failure }: Ended) {
  // No attribute may be empty.
  const message = failure?.errorMessage.slice(0, longestMessage) || 'none';
  return {
    RequestID: { DataType: 'String', StringValue: requestId },
    ErrorCode: { DataType: 'Number', StringValue: failure === undefined ? '429' : '200' },
    ErrorMessage: { DataType: 'String', StringValue: message },
  } as const;
}
