import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { lambdaPrefix, payloadPrefix, unreadablePrefix } from '../../../domain/keys.ts';
import { only, resourcesOf, stageNamed, synthesize } from '../synthesize.ts';

const stateful = {
  dev: synthesize(stageNamed('dev')).stateful,
  prod: synthesize(stageNamed('prod')).stateful,
};
const emulator = synthesize(stageNamed('emulator')).stateful;

const storedTypes = ['AWS::DynamoDB::Table', 'AWS::Kinesis::Stream', 'AWS::S3::Bucket'];

describe('tables', () => {
  it('are six, with partition and sort key; identities have only a partition key', () => {
    const keys = resourcesOf(stateful.dev, 'AWS::DynamoDB::Table').map(({ logicalId, Properties }) => [
      logicalId.replace(/^Tables|[0-9A-F]{8}$/g, ''),
      Properties.KeySchema.map((key: { AttributeName: string }) => key.AttributeName).join(),
    ]);

    expect(Object.fromEntries(keys)).toEqual({
      Identities: 'pk',
      ClaimLogs: 'pk,sk',
      Pages: 'pk,sk',
      Aggregates: 'pk,sk',
      Accounts: 'pk,sk',
      Ledger: 'pk,sk',
    });
  });

  it.each(['dev', 'prod'] as const)(
    'of %s are on demand, encrypted, recoverable and expire by ttl',
    (stage) => {
      for (const { Properties } of resourcesOf(stateful[stage], 'AWS::DynamoDB::Table')) {
        expect(Properties).toMatchObject({
          BillingMode: 'PAY_PER_REQUEST',
          SSESpecification: { SSEEnabled: true },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
          DeletionProtectionEnabled: stage === 'prod',
        });
        for (const key of Properties.AttributeDefinitions) expect(key.AttributeType).toBe('S');
      }
    },
  );
});

describe('what is stored', () => {
  it.each([
    ['prod', 'Retain'],
    ['dev', 'Delete'],
  ] as const)('in %s has the deletion policy %s', (stage, policy) => {
    const stored = storedTypes.flatMap((type) => resourcesOf(stateful[stage], type));

    expect(stored).toHaveLength(10);
    for (const resource of stored) {
      expect(resource.DeletionPolicy).toMatch(new RegExp(`^${policy}(ExceptOnCreate)?$`));
      expect(resource.UpdateReplacePolicy).toBe(policy);
    }
  });

  it('in prod is deleted after a failed first deploy, except for tables, which would make the rollback fail', () => {
    const whenItFails = (type: string) =>
      new Set(resourcesOf(stateful.prod, type).map(({ DeletionPolicy }) => DeletionPolicy));

    expect(whenItFails('AWS::Kinesis::Stream')).toEqual(new Set(['RetainExceptOnCreate']));
    expect(whenItFails('AWS::S3::Bucket')).toEqual(new Set(['RetainExceptOnCreate']));
    expect(whenItFails('AWS::DynamoDB::Table')).toEqual(new Set(['Retain']));
  });
});

describe('the streams', () => {
  const streamOf = (template: Template, name: string) =>
    only(resourcesOf(template, 'AWS::Kinesis::Stream').filter(({ logicalId }) => logicalId.startsWith(name)))
      .Properties;

  it.each([
    ['dev', 24],
    ['prod', 72],
  ] as const)('of %s are encrypted, and keep records %d hours', (stage, hours) => {
    for (const name of ['Events', 'LateEvents'])
      expect(streamOf(stateful[stage], name)).toMatchObject({
        RetentionPeriodHours: hours,
        StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
      });
  });

  it('grow by themselves, but for that of late events in dev', () => {
    const onDemand = { StreamModeDetails: { StreamMode: 'ON_DEMAND' } };

    expect(streamOf(stateful.prod, 'Events')).toMatchObject(onDemand);
    expect(streamOf(stateful.prod, 'LateEvents')).toMatchObject(onDemand);
    expect(streamOf(stateful.dev, 'Events')).toMatchObject(onDemand);
    expect(streamOf(stateful.dev, 'LateEvents')).toMatchObject({ ShardCount: 1 });
  });

  it('have the shards of a provisioned stage', () => {
    for (const name of ['Events', 'PriorityEvents', 'LateEvents'])
      expect(streamOf(emulator, name)).toMatchObject({
        ShardCount: 1,
        StreamModeDetails: { StreamMode: 'PROVISIONED' },
      });
  });

  it('are one in a stage that leaves the others out, and three in one that leaves none out', () => {
    expect(resourcesOf(synthesize(stageNamed('tiny')).stateful, 'AWS::Kinesis::Stream')).toHaveLength(1);
    expect(resourcesOf(emulator, 'AWS::Kinesis::Stream')).toHaveLength(3);
    expect(Object.keys(emulator.findOutputs('*'))).toContain('PriorityEventStream');
    for (const stage of [stateful.dev, stateful.prod])
      expect(Object.keys(stage.findOutputs('*'))).not.toContain('PriorityEventStream');
  });
});

/** By the beginning of its logical id: `FailedRecords` or `Reports`. */
const ofBucket = (template: Template, name: string, type = 'AWS::S3::Bucket') =>
  only(resourcesOf(template, type).filter(({ logicalId }) => logicalId.startsWith(name))).Properties;

describe('the bucket of failed records', () => {
  it('is closed to the public, encrypted, and expires what it holds, with the shortest retention or as a net', () => {
    const Properties = ofBucket(stateful.prod, 'FailedRecords');

    expect(Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(only(Properties.BucketEncryption.ServerSideEncryptionConfiguration)).toEqual({
      ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
    });
    const rules: readonly Record<string, unknown>[] = Properties.LifecycleConfiguration.Rules;
    expect(rules.filter(({ ExpirationInDays }) => ExpirationInDays)).toMatchObject([
      { Prefix: lambdaPrefix, ExpirationInDays: 30, Status: 'Enabled' },
      { Prefix: unreadablePrefix, ExpirationInDays: 30, Status: 'Enabled' },
      { Prefix: payloadPrefix, ExpirationInDays: 90, Status: 'Enabled' },
    ]);
  });

  it('sends its events to EventBridge, without a custom resource', () => {
    const Properties = ofBucket(stateful.dev, 'FailedRecords');

    expect(Properties.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
  });

  it('refuses requests without TLS', () => {
    const Properties = ofBucket(stateful.dev, 'FailedRecords', 'AWS::S3::BucketPolicy');

    expect(Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });
});

describe('the bucket of reports', () => {
  const anybody = { AWS: '*' };
  const allowedToAnybody = (template: Template) =>
    ofBucket(template, 'Reports', 'AWS::S3::BucketPolicy').PolicyDocument.Statement.filter(
      (statement: { Effect: string }) => statement.Effect === 'Allow',
    );

  it('is closed to the public, encrypted, asks for TLS, and keeps reports for longer than a year', () => {
    const bucket = ofBucket(stateful.prod, 'Reports');

    expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(bucket.BucketEncryption).toBeDefined();
    expect(bucket.VersioningConfiguration).toBeUndefined();
    expect(bucket.LifecycleConfiguration.Rules).toContainEqual(
      expect.objectContaining({ Prefix: 'reports/', ExpirationInDays: 400, Status: 'Enabled' }),
    );
    expect(ofBucket(stateful.prod, 'Reports', 'AWS::S3::BucketPolicy').PolicyDocument.Statement).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    ]);
  });

  it('lets everybody read the status page where the stage says so, and nothing beside it', () => {
    const open = synthesize({ ...stageNamed('prod'), statusPage: { public: true } }).stateful;

    expect(allowedToAnybody(open)).toEqual([
      {
        Sid: 'StatusPageIsPublic',
        Effect: 'Allow',
        Action: 's3:GetObject',
        Principal: anybody,
        Resource: { 'Fn::Join': ['', [expect.anything(), '/status/*']] },
      },
    ]);
    expect(ofBucket(open, 'Reports').PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: false,
    });
    expect(Object.keys(open.findOutputs('*'))).toContain('StatusPage');
    expect(Object.keys(stateful.prod.findOutputs('*'))).not.toContain('StatusPage');
  }, 120_000);
});

describe('the stack', () => {
  it('has no custom resource, at which emulators hang', () => {
    const types = Object.values(stateful.dev.toJSON().Resources as Record<string, { Type: string }>).map(
      (resource) => resource.Type,
    );

    expect(types.filter((type) => type.startsWith('Custom::') || type === 'AWS::Lambda::Function')).toEqual(
      [],
    );
  });

  it("has outputs with the names that the operator's commands read", () => {
    const names = Object.keys(stateful.dev.toJSON().Outputs).filter(
      (name) => !name.startsWith('ExportsOutput'),
    );

    expect(names).toEqual([
      'IdentitiesTable',
      'ClaimLogsTable',
      'PagesTable',
      'AggregatesTable',
      'AccountsTable',
      'LedgerTable',
      'EventStream',
      'LateEventStream',
      'FailedRecordsBucket',
      'ReportsBucket',
    ]);
  });

  it('is as it was when it was last looked at', () => {
    expect(stateful.dev.toJSON()).toMatchSnapshot();
  });
});
