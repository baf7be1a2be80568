// Stream records as Lambda passes them to the consumer.

import type { KinesisStreamEvent } from 'aws-lambda';
import type { OutgoingRecord } from '../../domain/record/port.ts';

export const kinesisEvent = (records: readonly OutgoingRecord[], firstSequence = 1): KinesisStreamEvent =>
  ({
    Records: records.map(({ partitionKey, data }, index) => ({
      eventID: `shardId-000000000000:${firstSequence + index}`,
      kinesis: {
        partitionKey,
        sequenceNumber: String(firstSequence + index),
        data: Buffer.from(data).toString('base64'),
      },
    })),
  }) as unknown as KinesisStreamEvent;
