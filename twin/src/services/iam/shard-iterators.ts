// Which stream each shard iterator is of: calls that use one name no stream, and it is the engine's secret what is in it.

import { type AwsAnswer, type AwsCall, errorAnswer } from '../../core/proxy/aws-call.ts';
import { jsonBody } from '../../core/proxy/json-body.ts';

/** Kinesis lets them expire after five minutes; the twin after so many younger ones. */
const mostRemembered = 10_000;

export class ShardIterators {
  private readonly streams = new Map<string, string>();

  /** The ARN; undefined where it did not come from here, or is too old. */
  readonly streamOf = (iterator: string): string | undefined => this.streams.get(iterator);

  /** To whoever asks with one that is not known any more, so that it gets another. */
  refuse({ service, operation, body }: AwsCall): AwsAnswer | undefined {
    if (service !== 'kinesis' || operation !== 'GetRecords') return undefined;
    return this.streams.has(String(jsonBody(body)?.ShardIterator))
      ? undefined
      : errorAnswer(400, 'ExpiredIteratorException', 'Iterator expired.');
  }

  /** Learns from the answer to a call that was about this stream. */
  hear({ operation }: AwsCall, streamArn: string, { status, body }: AwsAnswer): void {
    if (status !== 200 || (operation !== 'GetShardIterator' && operation !== 'GetRecords')) return;
    const { ShardIterator, NextShardIterator } = jsonBody(body) ?? {};
    const iterator = ShardIterator ?? NextShardIterator;
    if (typeof iterator !== 'string') return;
    this.streams.set(iterator, streamArn);
    const [oldest] = this.streams.keys();
    if (this.streams.size > mostRemembered && oldest !== undefined) this.streams.delete(oldest);
  }
}
