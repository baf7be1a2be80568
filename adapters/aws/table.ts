// A table for an adapter: its client, its name, and the pause between retries.

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Pause } from '../../domain/system/back-off.ts';

export type Table = {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
  readonly pause: Pause;
};
