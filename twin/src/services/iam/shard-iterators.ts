// Which stream each shard iterator belongs to. GetRecords names no stream, and what an iterator holds is the engine's
// own.

import { type AwsAnswer, type AwsCall, errorAnswer } from '../../core/proxy/aws-call.ts';
import { jsonBody } from '../../core/proxy/json-body.ts';

/** AWS lets them expire after minutes; the twin after so many younger ones. */
const maxRemembered = 10_000;

export class ShardIterators {
  private readonly streams = new Map<string, string>();

  /** The ARN; undefined where it did not come from here, or is too old. */
  readonly streamOf = (iterator: string): string | undefined => this.streams.get(iterator);

  /** Answers a read by an iterator that is not known any more: the caller asks for another. */
  refuse({ service, operation, body }: AwsCall): AwsAnswer | undefined {
    if ((service !== 'kinesis' && service !== 'dynamodbstreams') || operation !== 'GetRecords')
      return undefined;
    return this.streams.has(String(jsonBody(body)?.ShardIterator))
      ? undefined
      : errorAnswer(400, 'ExpiredIteratorException', 'Iterator expired.');
  }

  /** Learns from the answer to a call that was about this stream. */
  remember({ operation }: AwsCall, streamArn: string, { status, body }: AwsAnswer): void {
    if (status !== 200 || (operation !== 'GetShardIterator' && operation !== 'GetRecords')) return;
    const { ShardIterator, NextShardIterator } = jsonBody(body) ?? {};
    const iterator = ShardIterator ?? NextShardIterator;
    if (typeof iterator !== 'string') return;
    this.streams.set(iterator, streamArn);
    const [oldest] = this.streams.keys();
    if (this.streams.size > maxRemembered && oldest !== undefined) this.streams.delete(oldest);
  }
}
