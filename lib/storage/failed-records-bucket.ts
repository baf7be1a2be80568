// The bucket of records that are not stored: dead letters, which Lambda writes, unreadable records, and the payloads of
// quarantined records. Settle removes a payload when its events would have expired. The rest expires after the stage's
// retention.

import { Duration, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { longestRetentionDays } from '../../domain/accounts/retention.ts';
import { lambdaPrefix, payloadPrefix, unreadablePrefix } from '../../domain/keys.ts';
import { removalOf } from '../stage/removal.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

export class FailedRecordsBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, stage: StageSettings) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // Not needed: an object is only ever overwritten with the same content.
      versioned: false,
      lifecycleRules: [
        { id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        ...[lambdaPrefix, unreadablePrefix].map((prefix) => ({
          id: `expire-${prefix.replaceAll('/', '-')}objects`,
          prefix,
          expiration: Duration.days(stage.failedRecordsRetentionDays),
        })),
        // A net: settle removes them in time.
        {
          id: `expire-${payloadPrefix.replaceAll('/', '-')}objects`,
          prefix: payloadPrefix,
          expiration: Duration.days(longestRetentionDays),
        },
      ],
      // Not emptied on deletion, which would take a custom resource, at which emulators hang. So the deletion of a stack
      // fails while its bucket still holds records.
      removalPolicy: removalOf(stage),
    });
    sendEventsToEventBridge(this.bucket);
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions::AwsSolutions-S1',
      reason:
        'Only our functions write here, and only operators read: CloudTrail data events of the account say who did. ' +
        'Access logs are best effort and need a second bucket.',
    });
  }
}

/**
 * So that a rule of the stateless stack can invoke settle for a new object. A notification of the bucket itself would have
 * to name the function here, and the CDK's `eventBridgeEnabled` would add a custom resource.
 */
function sendEventsToEventBridge({ node }: Bucket): void {
  if (!(node.defaultChild instanceof CfnBucket)) throw new Error('The bucket construct has no CfnBucket.');
  node.defaultChild.notificationConfiguration = {
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };
}
