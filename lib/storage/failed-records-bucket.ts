// Where records end up that the consumer could not bring home: the whole payload, until it is looked at or expires.

import { Duration, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
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
      // Each name is written with one content only, however often: there is no earlier version to go back to.
      versioned: false,
      lifecycleRules: [
        {
          id: 'expire-failed-records',
          expiration: Duration.days(stage.failedRecordsRetentionDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      // It is not emptied on deletion (that takes a custom resource, at which emulators hang): a stack whose
      // bucket still holds failures refuses to go until someone has looked.
      removalPolicy: removalOf(stage),
    });
    tellTheBus(this.bucket);
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions::AwsSolutions-S1',
      reason:
        'Only functions of ours work here, and operators read: who did is for the data events of the CloudTrail of ' +
        'the account, which name the principal; access logs are best effort and want a second bucket to keep them.',
    });
  }
}

/**
 * Of what arrives, so that a rule of the other stack can pass it on. Of the bucket's own notifications that function would
 * have to be known here, and `eventBridgeEnabled` would bring a custom resource.
 */
function tellTheBus({ node }: Bucket): void {
  if (!(node.defaultChild instanceof CfnBucket)) throw new Error('The bucket has no resource of its own.');
  node.defaultChild.notificationConfiguration = {
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };
}
