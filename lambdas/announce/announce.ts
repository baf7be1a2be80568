// Puts what the stream of the accounts table tells on the event bus. A batch goes on from the first that failed, so that
// nothing is lost and some come more than once: receivers tell by the id. What the bus would never take is passed over,
// so that it holds up nobody; it is in the audit log.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Announcement } from '../../domain/accounts/announcements.ts';
import type { EventBus } from '../../domain/accounts/port.ts';
import { errorFields } from '../runtime/error-fields.ts';

export type AnnounceDeps = {
  readonly bus: EventBus;
  /** Of the new image of an item; undefined if there is nothing to announce. */
  readonly announcementOf: (image: unknown) => Announcement | undefined;
  readonly logger: Pick<Logger, 'error'>;
};

export const createAnnounce =
  ({ bus, announcementOf, logger }: AnnounceDeps) =>
  async ({ Records }: Pick<DynamoDBStreamEvent, 'Records'>): Promise<DynamoDBBatchResponse> => {
    const read = Records.flatMap(({ dynamodb = {} }) => {
      const { SequenceNumber: sequenceNumber = '', NewImage } = dynamodb;
      try {
        const announcement = announcementOf(NewImage);
        return announcement ? [{ sequenceNumber, announcement }] : [];
      } catch (error) {
        logger.error('an item cannot be announced', { sequenceNumber, ...errorFields(error) });
        return [];
      }
    });
    if (read.length === 0) return { batchItemFailures: [] };
    const outcomes = await bus.put(read.map(({ announcement }) => announcement));
    const outcomeAt = (index: number) => outcomes[index] ?? 'failed';
    for (const [index, { announcement }] of read.entries())
      if (outcomeAt(index) === 'refused')
        logger.error('the bus refuses an announcement', {
          type: announcement.type,
          id: announcement.detail.id,
        });
    const failed = read.find((_, index) => outcomeAt(index) === 'failed');
    return { batchItemFailures: failed ? [{ itemIdentifier: failed.sequenceNumber }] : [] };
  };
