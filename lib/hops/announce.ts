// The hop from the accounts table to the event bus of the stage: what is written to the audit log, and what authorize
// notices, is announced there. The table's stream is the outbox: it has what was committed, and nothing else.

import { EventBus } from 'aws-cdk-lib/aws-events';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { auditKeyPrefix, noticeKeyPrefix } from '../../domain/keys.ts';
import { eventBusNameOf } from '../../domain/system/stage-names.ts';
import { allow } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import type { HopProps } from './hop.ts';

/** What one call of PutEvents takes. */
const batchSize = 10;

export class Announce extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { accounts } = storage.tables;
    // It has no policy, so that nobody but this AWS account can put events on it.
    const bus = new EventBus(this, 'Bus', {
      eventBusName: eventBusNameOf(stage.name),
      description: `What happens to accounts and keys of Weir ${stage.name}`,
    });
    this.bus = bus;

    const { tableStreamArn } = accounts;
    if (tableStreamArn === undefined) throw new Error('The accounts table has no stream.');
    const { live } = new WeirFunction(this, 'Announce', {
      stage,
      code,
      verb: 'announce',
      description: 'Puts changes of accounts and keys on the event bus',
      memoryMebibytes: 256,
      timeoutSeconds: 30,
      environment: { EVENT_BUS: bus.eventBusName, STAGE: stage.name },
      statements: [
        allow('events', ['PutEvents'], bus.eventBusArn),
        allow(
          'dynamodb',
          ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'],
          tableStreamArn,
        ),
      ],
    });

    new EventSourceMapping(this, 'Mapping', {
      target: live,
      eventSourceArn: tableStreamArn,
      enabled: true,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize,
      reportBatchItemFailures: true,
      // Until it succeeds, or for the 24 hours after which the stream forgets.
      filters: [auditKeyPrefix, noticeKeyPrefix].map((prefix) =>
        FilterCriteria.filter({
          dynamodb: {
            Keys: { pk: { S: FilterRule.beginsWith(prefix) } },
            // A deletion has none.
            NewImage: { what: { S: FilterRule.exists() } },
          },
        }),
      ),
    });
  }
}
