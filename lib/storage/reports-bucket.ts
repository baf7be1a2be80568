// The bucket of reports and of the status page. It holds counts of the whole stage and nothing of accounts. A stage may let
// everybody read the status page; what lies beside it stays closed.

import { Duration, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { removalOf } from '../stage/removal.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

export const reportsPrefix = 'reports/';
export const statusPrefix = 'status/';

/** A report is of interest until there is one of the same month of the next year. */
const keptDays = 400;

export class ReportsBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, stage: StageSettings) {
    super(scope, id);
    const isPublic = 'public' in stage.statusPage;
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: isPublic ? publicByPolicy : BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // Not needed: a report that is made again says the same, and the status page is of now.
      versioned: false,
      lifecycleRules: [
        { id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        { id: 'expire-reports', prefix: reportsPrefix, expiration: Duration.days(keptDays) },
      ],
      removalPolicy: removalOf(stage),
    });
    if (isPublic) {
      this.bucket.addToResourcePolicy(
        new PolicyStatement({
          sid: 'StatusPageIsPublic',
          actions: ['s3:GetObject'],
          principals: [new AnyPrincipal()],
          resources: [this.bucket.arnForObjects(`${statusPrefix}*`)],
        }),
      );
      Validations.of(this.bucket).acknowledge({
        id: 'AwsSolutions::AwsSolutions-S2',
        reason:
          'The stage says that its status page is public. Access lists stay blocked; the policy opens the one prefix.',
      });
    }
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions::AwsSolutions-S1',
      reason:
        'Only review writes here, counts of the whole stage: who read them is of no interest, and access logs need a ' +
        'second bucket.',
    });
  }
}

/** A bucket policy may open it, and nothing else may. */
const publicByPolicy = new BlockPublicAccess({
  blockPublicAcls: true,
  ignorePublicAcls: true,
  blockPublicPolicy: false,
  restrictPublicBuckets: false,
});
