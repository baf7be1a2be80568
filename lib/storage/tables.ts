// The five tables. They share one shape, because each is reached by its key alone: there is no index to keep hot.

import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { StageSettings } from '../stage/stage-settings.ts';

export class Tables extends Construct {
  /** Who claimed an event id. */
  readonly identities: Table;
  /** The events themselves. */
  readonly pages: Table;
  /** Counts by hour, which summaries are folded from. */
  readonly aggregates: Table;
  /** Accounts and the digests of their keys. */
  readonly accounts: Table;
  /** Receipts of records, and what the platform keeps for itself. */
  readonly ledger: Table;

  constructor(scope: Construct, id: string, stage: StageSettings) {
    super(scope, id);
    const partitionKey = { name: 'pk', type: AttributeType.STRING };
    const sortKey = { name: 'sk', type: AttributeType.STRING };
    const shared = {
      partitionKey,
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'ttl',
      deletionProtection: stage.protect,
      // Also where the stack could not be made: a protected table refuses to go, and would stop the rollback.
      removalPolicy: stage.protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    this.identities = new Table(this, 'Identities', shared);
    this.pages = new Table(this, 'Pages', { ...shared, sortKey });
    this.aggregates = new Table(this, 'Aggregates', { ...shared, sortKey });
    this.accounts = new Table(this, 'Accounts', { ...shared, sortKey });
    this.ledger = new Table(this, 'Ledger', { ...shared, sortKey });
  }
}
