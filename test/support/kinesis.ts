// Stream records as Lambda passes them to the consumer.

import type { KinesisStreamEvent } from 'aws-lambda';
import type { OutgoingRecord } from '../../domain/record/port.ts';
import { nowMs } from './events.ts';

export const kinesisEvent = (records: readonly OutgoingRecord[], firstSequence = 1): KinesisStreamEvent =>
  ({
    Records: records.map(({ partitionKey, data }, index) => ({
      eventID: `shardId-000000000000:${firstSequence + index}`,
      eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/events',
      kinesis: {
        partitionKey,
        sequenceNumber: String(firstSequence + index),
        data: Buffer.from(data).toString('base64'),
        approximateArrivalTimestamp: nowMs / 1000,
      },
    })),
  }) as unknown as KinesisStreamEvent;
