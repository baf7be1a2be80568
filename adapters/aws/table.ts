// One table as an adapter uses it: through which client, under which name, and how long to pause between tries.

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Pause } from '../../domain/system/back-off.ts';

export type Table = {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
  readonly pause: Pause;
};
