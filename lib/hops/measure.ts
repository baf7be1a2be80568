// The hop from the access log to the service levels of accounts: CloudWatch Logs delivers the lines as they are written, and
// measure adds them up by account and hour.

import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { FilterPattern, SubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import { LambdaDestination } from 'aws-cdk-lib/aws-logs-destinations';
import { Construct } from 'constructs';
import { addedKeySuffix, levelsKeySuffix } from '../../domain/keys.ts';
import { allowPartitions } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import type { HopProps } from './hop.ts';

export class Measure extends Construct {
  readonly function: WeirFunction['function'];

  constructor(
    scope: Construct,
    id: string,
    { stage, code, storage, accessLog }: HopProps & { readonly accessLog: ILogGroup },
  ) {
    super(scope, id);
    const { aggregates } = storage.tables;
    const measure = new WeirFunction(this, 'Measure', {
      stage,
      code,
      verb: 'measure',
      description: 'Adds up what accounts were answered, from the access log',
      memoryMebibytes: 256,
      timeoutSeconds: 30,
      environment: { AGGREGATES_TABLE: aggregates.tableName },
      statements: [
        allowPartitions(['PutItem'], aggregates, { suffix: addedKeySuffix }),
        allowPartitions(['UpdateItem'], aggregates, { suffix: levelsKeySuffix }),
      ],
      asynchronous: {
        retryAttempts: 2,
        // For less time than its guards are kept, so that no try adds twice.
        maxEventAgeMinutes: 6 * 60,
        deadLetters: {
          leftOut: true,
          reason: 'it would leave some requests out of the figures of an hour, good ones and bad ones alike',
        },
      },
    });
    this.function = measure.function;

    new SubscriptionFilter(this, 'Subscription', {
      logGroup: accessLog,
      destination: new LambdaDestination(measure.live),
      // Requests without an account, which a flood can consist of, cost nothing.
      filterPattern: FilterPattern.literal('{ $.accountId != "-" }'),
    });
  }
}
