// Whether streams are there and take records.

import { DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import type { Dependency } from '../../domain/system/dependencies.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';

/** A stream that is changing its shards takes records all the same. */
const working: readonly (string | undefined)[] = ['ACTIVE', 'UPDATING'];

/** By name. A stage may have no stream of a name. */
export function streamDependencies(
  streams: Readonly<Record<string, string | undefined>>,
  timeouts: Timeouts,
  connection: Connection = {},
): readonly Dependency[] {
  const client = new KinesisClient({ ...clientOptions(timeouts), ...connection });
  return Object.entries(streams).flatMap(([name, stream]) =>
    stream === undefined
      ? []
      : [
          {
            name: `stream ${name}`,
            check: async () => {
              const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }));
              const status = answer.StreamDescriptionSummary?.StreamStatus;
              if (!working.includes(status)) throw new Error(`The stream is ${status}.`);
            },
          },
        ],
  );
}
