// Whether a stream is there and takes records.

import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { Dependency } from '../../domain/system/dependencies.ts';

/** A stream that is changing its shards takes records all the same. */
const working: readonly (string | undefined)[] = ['ACTIVE', 'UPDATING'];

export const streamDependency = (
  name: string,
  { client, stream }: { readonly client: KinesisClient; readonly stream: string },
): Dependency => ({
  name: `stream ${name}`,
  check: async () => {
    const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }));
    const status = answer.StreamDescriptionSummary?.StreamStatus;
    if (!working.includes(status)) throw new Error(`The stream is ${status}.`);
  },
});
