// What of templates the twin knowingly leaves out, and why. A type stands for its resources as a whole, a path below a
// type for that property and all within it, `*` for every type. The README of the twin prints both lists.

export type NotModelled = { readonly what: readonly string[]; readonly reason: string };

/** Not read. A start reports what of its template is neither read nor listed here. */
export const leftOut: readonly NotModelled[] = [
  {
    what: ['*.Tags', '*.Description'],
    reason: 'They tell people and bills something, and change nothing that runs.',
  },
  {
    what: ['AWS::IAM::Role.AssumeRolePolicyDocument', 'AWS::IAM::Role.ManagedPolicyArns'],
    reason:
      'Of roles that no function has: what services do with them is not done here, or not checked. Those of functions are read, and a managed policy that the twin does not know ends the start.',
  },
  {
    what: ['AWS::Lambda::Permission', 'AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy'],
    reason:
      'Policies of resources are not checked: what may call a function, write to a bucket or publish to a topic is whatever the template connects with it. What functions call is held against their roles.',
  },
  {
    what: ['AWS::S3::Bucket.PublicAccessBlockConfiguration', 'AWS::S3::Bucket.OwnershipControls'],
    reason: 'Buckets are of one account, and nobody beyond this machine reaches them.',
  },
  {
    what: [
      'AWS::WAFv2::WebACL.VisibilityConfig.CloudWatchMetricsEnabled',
      'AWS::WAFv2::WebACL.VisibilityConfig.SampledRequestsEnabled',
      'AWS::WAFv2::WebACL.Rules.VisibilityConfig.CloudWatchMetricsEnabled',
      'AWS::WAFv2::WebACL.Rules.VisibilityConfig.SampledRequestsEnabled',
    ],
    reason: 'Requests are measured whatever it says, and none is kept as a sample.',
  },
  {
    what: [
      'AWS::Logs::LogGroup',
      'AWS::Lambda::Function.LoggingConfig.LogFormat',
      'AWS::Lambda::Function.LoggingConfig.ApplicationLogLevel',
      'AWS::Lambda::Function.LoggingConfig.SystemLogLevel',
      'AWS::ApiGateway::Account',
      'AWS::ApiGateway::Stage.MethodSettings.LoggingLevel',
      'AWS::ApiGateway::Stage.MethodSettings.DataTraceEnabled',
    ],
    reason:
      'Of CloudWatch Logs there are FilterLogEvents, subscriptions and metric filters, on access logs and logs of functions. All lines go to files in the folder `logs`, whatever their level, and stay there.',
  },
  {
    what: ['AWS::CloudWatch::InsightRule'],
    reason: 'Nothing reads logs to rank what is in them.',
  },
  {
    what: ['AWS::Lambda::Function.TracingConfig', 'AWS::ApiGateway::Stage.TracingEnabled'],
    reason: 'There is no X-Ray: nothing is traced.',
  },
  {
    what: ['AWS::ApiGateway::Deployment'],
    reason: 'A stage serves the API as the template has it now; there is no earlier deployment.',
  },
  {
    what: [
      'AWS::ApiGateway::Authorizer.Name',
      'AWS::ApiGateway::UsagePlan.UsagePlanName',
      'AWS::SNS::Topic.DisplayName',
      'AWS::IAM::Policy.PolicyName',
    ],
    reason: 'They are labels: what refers to these resources does so by their ids or ARNs.',
  },
  {
    what: [
      'AWS::ApiGateway::RestApi.EndpointConfiguration',
      'AWS::ApiGateway::Method.Integration.IntegrationHttpMethod',
      'AWS::WAFv2::WebACL.Scope',
    ],
    reason: 'The gateway listens on loopback and calls functions within the process.',
  },
  {
    what: ['AWS::Lambda::Function.Architectures', 'AWS::Lambda::Function.Code.S3Bucket'],
    reason:
      'Functions run on the processor of the twin, and their code is read from the folder it was bundled to.',
  },
  {
    what: ['AWS::Events::Rule.Targets.RetryPolicy'],
    reason:
      'A rule hands an event over within the process, which does not fail. What the function fails is tried again by its `EventInvokeConfig`.',
  },
  {
    what: [
      'AWS::DynamoDB::Table.PointInTimeRecoverySpecification',
      'AWS::DynamoDB::Table.DeletionProtectionEnabled',
      'AWS::S3::Bucket.LifecycleConfiguration',
    ],
    reason:
      'Data lives as long as its folder does, or as the process: nobody backs it up, guards it or ages it out.',
  },
  {
    what: [
      'AWS::DynamoDB::Table.SSESpecification',
      'AWS::Kinesis::Stream.StreamEncryption',
      'AWS::S3::Bucket.BucketEncryption',
    ],
    reason: 'Nothing is encrypted at rest.',
  },
  {
    what: ['AWS::DynamoDB::Table.BillingMode', 'AWS::DynamoDB::GlobalTable.BillingMode'],
    reason: 'Tables have no capacity and no throttles.',
  },
  {
    what: ['AWS::CodeDeploy::Application', 'AWS::CodeDeploy::DeploymentGroup'],
    reason:
      'Nothing is deployed bit by bit: a twin starts with the version of its template behind each alias. UpdateAlias gives a share of the calls to another version.',
  },
  {
    what: ['AWS::DynamoDB::GlobalTable.Replicas'],
    reason: 'There is one region, and a table has no replicas in it.',
  },
];

/** Not run, though apps often have it: types, or services as their types begin. */
export const notRun: readonly NotModelled[] = [
  {
    what: ['AWS::ApiGatewayV2'],
    reason:
      'HTTP and WebSocket APIs are not run, only REST APIs. An app that has no other API ends the start.',
  },
  { what: ['AWS::StepFunctions'], reason: 'State machines are not run.' },
  { what: ['AWS::Scheduler'], reason: 'Schedules of EventBridge Scheduler are not run, those of rules are.' },
  { what: ['AWS::Pipes'], reason: 'Pipes are not run.' },
  {
    what: ['AWS::Events::Archive', 'AWS::Events::Connection', 'AWS::Events::ApiDestination'],
    reason: 'Events are not kept, and rules call functions only.',
  },
  {
    what: ['AWS::Lambda::Url'],
    reason: 'Functions have no URL. Invoke them with `twin.invoke`.',
  },
  {
    what: ['AWS::Lambda::LayerVersion'],
    reason: 'Layers are not laid under functions. Bundle what they hold.',
  },
  {
    what: ['AWS::Cognito'],
    reason: 'There are no user pools. A method that they authorize ends the start.',
  },
  {
    what: ['AWS::SecretsManager', 'AWS::SSM', 'AWS::KMS'],
    reason: 'Functions cannot call it: each call is denied.',
  },
  {
    what: ['AWS::CloudFormation::CustomResource', 'Custom::'],
    reason: 'What custom resources do on deployment is not done, but for the notifications of buckets.',
  },
  {
    what: ['AWS::CloudFront', 'AWS::Route53', 'AWS::CertificateManager', 'AWS::ElasticLoadBalancingV2'],
    reason: 'Nothing stands before the APIs: they are called by their own URLs.',
  },
  {
    what: ['AWS::EC2', 'AWS::ECS', 'AWS::RDS', 'AWS::ElastiCache', 'AWS::OpenSearchService'],
    reason: 'Machines, containers and databases other than DynamoDB are not run.',
  },
];

/** Read, and run in part. */
export const inPart: readonly NotModelled[] = [
  {
    what: ['AWS::CloudWatch::Alarm.Metrics'],
    reason:
      'Metric math is computed as far as `services/cloudwatch/math` goes. An expression or a statistic that it does not know ends the start.',
  },
  {
    what: ['AWS::CloudWatch::Alarm.AlarmActions', 'AWS::CloudWatch::CompositeAlarm.AlarmActions'],
    reason: 'Topics are told, and nothing else; a start names what is not.',
  },
  {
    what: ['AWS::CloudWatch::Dashboard.DashboardBody'],
    reason:
      'Drawn as pages: lines, single values, states of alarms, and texts. Other widgets, such as those of Contributor Insights, say that they are not drawn.',
  },
  {
    what: ['AWS::Lambda::Function.Runtime'],
    reason: 'Every version of Node.js is that of the twin. A function of another runtime ends the start.',
  },
  {
    what: ['AWS::Lambda::Function.MemorySize'],
    reason: 'Functions are told of it; it limits the heap, if NODE_OPTIONS does not, and no processor time.',
  },
  {
    what: ['AWS::DynamoDB::Table.TimeToLiveSpecification'],
    reason: 'The table knows the attribute; what has expired stays.',
  },
  {
    what: ['AWS::DynamoDB::Table.StreamSpecification'],
    reason:
      'The stream of a table has one shard, and is read by mappings. Its records are those since the table was made.',
  },
  {
    what: ['AWS::Kinesis::Stream.StreamModeDetails', 'AWS::Kinesis::Stream.ShardCount'],
    reason: 'A stream on demand has four shards and does not grow. A shard limits writes, and no reads.',
  },
  {
    what: ['AWS::Kinesis::Stream.RetentionPeriodHours'],
    reason: 'What has expired is given to nobody; it is deleted only where it is read over.',
  },
  {
    what: [
      'AWS::Lambda::EventInvokeConfig.MaximumRetryAttempts',
      'AWS::Lambda::EventInvokeConfig.MaximumEventAgeInSeconds',
    ],
    reason: 'Events are tried again while the twin runs; what waits for a try is lost when it ends.',
  },
  {
    what: ['AWS::SNS::Subscription.Protocol'],
    reason: 'Functions and queues get what is published. Mail and https get nothing: a start names them.',
  },
  {
    what: ['AWS::WAFv2::WebACL.Rules.Statement.ManagedRuleGroupStatement'],
    reason:
      'Of the core rule set of AWS two rules are applied: NoUserAgent_HEADER, and SizeRestrictions_BODY by the size that the client declares. Its other rules, the known bad inputs and the IP reputation list match nothing. A start names any other group.',
  },
  {
    what: ['AWS::Lambda::Version.FunctionName', 'AWS::Lambda::Alias.FunctionVersion'],
    reason:
      'Every version of the template runs its code, and has the number 1. One with other code is published by `twin.functions.publishVersion`.',
  },
  {
    what: ['AWS::SQS::Queue.MessageRetentionPeriod'],
    reason: 'The queue tells it; messages do not expire.',
  },
];
