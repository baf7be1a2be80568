// Lines of the access log, and deliveries of them.

import { gzipSync } from 'node:zlib';
import type { LogDelivery } from '../../lambdas/measure/wire.ts';
import { nowMs } from './events.ts';

/** As API Gateway writes it: all values are texts, and "-" is none. */
export const accessLine = (fields: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    requestId: 'r',
    requestTimeEpoch: String(nowMs),
    accountId: 'acme',
    environment: 'production',
    generation: '0',
    method: 'POST',
    route: '/v1/events',
    status: '202',
    responseLatencyMs: '40',
    responseType: '-',
    ...fields,
  });

export const logDelivery = (messages: readonly string[], first = 0): LogDelivery =>
  delivered({
    messageType: 'DATA_MESSAGE',
    logEvents: messages.map((message, index) => ({ id: String(first + index), timestamp: nowMs, message })),
  });

export const delivered = (content: unknown): LogDelivery => ({
  awslogs: { data: gzipSync(JSON.stringify(content)).toString('base64') },
});
