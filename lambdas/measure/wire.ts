// Reads what CloudWatch Logs delivers: lines of a log, as JSON in gzip in base64.

import { gunzipSync } from 'node:zlib';

export type LogDelivery = { readonly awslogs: { readonly data: string } };

export type LogLine = { readonly id: string; readonly message: string };

/** CloudWatch Logs delivers 1 MB of lines at most, and Lambda takes 1 MB of what it compressed. */
const mostBytes = 16 * 1024 * 1024;

/** A control message, which tells that the subscription works, has no lines. Throws for what is no delivery. */
export function linesOf({ awslogs }: LogDelivery): readonly LogLine[] {
  const bytes = gunzipSync(Buffer.from(awslogs.data, 'base64'), { maxOutputLength: mostBytes });
  const { messageType, logEvents } = JSON.parse(bytes.toString()) as {
    readonly messageType?: unknown;
    readonly logEvents?: readonly { readonly id?: unknown; readonly message?: unknown }[];
  };
  if (messageType === 'CONTROL_MESSAGE') return [];
  if (!Array.isArray(logEvents)) throw new Error('The delivery has no list of log events.');
  return logEvents.map(({ id, message }) => ({ id: String(id), message: String(message) }));
}
