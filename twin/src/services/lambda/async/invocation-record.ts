// The record that Lambda sends to a destination when it is done with an event.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html

import type { ErrorPayload } from '../../../core/invocation.ts';

export type Ended = {
  readonly functionArn: string;
  readonly requestId: string;
  readonly condition: 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';
  readonly invocations: number;
  /** That of the last invocation. */
  readonly executedVersion?: string | undefined;
  readonly event: unknown;
  /** What the last invocation came to. An event that was never let in has neither. */
  readonly failure?: ErrorPayload | undefined;
  readonly answer?: unknown;
};

export function invocationRecord(ended: Ended, nowMs: number) {
  const { functionArn, requestId, condition, invocations, executedVersion, event, failure, answer } = ended;
  const isQualified = functionArn.split(':').length > 7;
  return {
    version: '1.0',
    timestamp: new Date(nowMs).toISOString(),
    requestContext: {
      requestId,
      functionArn: isQualified ? functionArn : `${functionArn}:$LATEST`,
      condition,
      approximateInvokeCount: invocations,
    },
    requestPayload: event,
    ...(invocations > 0 && {
      responseContext: {
        statusCode: 200,
        executedVersion,
        ...(failure !== undefined && { functionError: 'Unhandled' }),
      },
      responsePayload: failure ?? answer,
    }),
  };
}
