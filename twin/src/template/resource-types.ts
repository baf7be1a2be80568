// What Ref and Fn::GetAtt answer for each resource type, as CloudFormation documents it. A type that is not
// listed has a Ref and no attributes: asking for one is an error, never a guess.

import { twinAccount } from './pseudo-parameters.ts';

export type ResourceType = {
  /** The property that carries the physical name, where the type has one. */
  readonly nameProperty?: string;
  /** Where CloudFormation makes up a name in another form than the stack's and the resource's. */
  readonly generatedName?: (name: string, property: PropertyReader) => string;
  readonly ref?: (name: string, property: PropertyReader) => string;
  readonly attributes?: Readonly<Record<string, (name: string) => string>>;
};
type PropertyReader = (key: string) => unknown;

const { accountId, region } = twinAccount;
const arn = (service: string, before: string) => (name: string) =>
  `arn:aws:${service}:${region}:${accountId}:${before}${name}`;
const itself = (name: string) => name;

const table: ResourceType = {
  nameProperty: 'TableName',
  attributes: {
    Arn: arn('dynamodb', 'table/'),
    StreamArn: (name) => `${arn('dynamodb', 'table/')(name)}/stream/local`,
    TableId: itself,
  },
};
const queueUrl = (name: string) => `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;
const policyArn = (name: string) => `arn:aws:iam::${accountId}:policy/${name}`;

export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  'AWS::ApiGateway::ApiKey': { attributes: { APIKeyId: itself } },
  'AWS::ApiGateway::Authorizer': { attributes: { AuthorizerId: itself } },
  'AWS::ApiGateway::Deployment': { attributes: { DeploymentId: itself } },
  'AWS::ApiGateway::Resource': { attributes: { ResourceId: itself } },
  'AWS::ApiGateway::RestApi': {
    attributes: { RestApiId: itself, RootResourceId: (name) => `${name}-root` },
  },
  'AWS::ApiGateway::Stage': { nameProperty: 'StageName' },
  'AWS::ApiGateway::UsagePlan': { attributes: { Id: itself } },
  'AWS::CloudWatch::Alarm': { nameProperty: 'AlarmName', attributes: { Arn: arn('cloudwatch', 'alarm:') } },
  'AWS::CloudWatch::CompositeAlarm': {
    nameProperty: 'AlarmName',
    attributes: { Arn: arn('cloudwatch', 'alarm:') },
  },
  'AWS::CloudWatch::Dashboard': { nameProperty: 'DashboardName' },
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::DynamoDB::Table': table,
  'AWS::Events::EventBus': {
    nameProperty: 'Name',
    attributes: { Arn: arn('events', 'event-bus/'), Name: itself },
  },
  'AWS::Events::Rule': { nameProperty: 'Name', attributes: { Arn: arn('events', 'rule/') } },
  'AWS::IAM::ManagedPolicy': { nameProperty: 'ManagedPolicyName', ref: policyArn },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    attributes: { Arn: (name) => `arn:aws:iam::${accountId}:role/${name}`, RoleId: itself },
  },
  'AWS::Kinesis::Stream': { nameProperty: 'Name', attributes: { Arn: arn('kinesis', 'stream/') } },
  'AWS::KMS::Key': { ref: itself, attributes: { Arn: arn('kms', 'key/'), KeyId: itself } },
  'AWS::Lambda::Alias': {
    nameProperty: 'Name',
    ref: (name, property) => `${functionArn(String(property('FunctionName')))}:${name}`,
  },
  'AWS::Lambda::EventSourceMapping': { attributes: { Id: itself } },
  'AWS::Lambda::Function': { nameProperty: 'FunctionName', attributes: { Arn: arn('lambda', 'function:') } },
  'AWS::Lambda::Version': {
    ref: (_name, property) => `${functionArn(String(property('FunctionName')))}:1`,
    attributes: { Version: () => '1' },
  },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    attributes: { Arn: (name) => `${arn('logs', 'log-group:')(name)}:*` },
  },
  'AWS::Logs::SubscriptionFilter': { nameProperty: 'FilterName' },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    generatedName: (name) => name.toLowerCase(),
    attributes: {
      Arn: (name) => `arn:aws:s3:::${name}`,
      DomainName: (name) => `${name}.s3.amazonaws.com`,
      RegionalDomainName: (name) => `${name}.s3.${region}.amazonaws.com`,
    },
  },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    ref: arn('sns', ''),
    attributes: { TopicArn: arn('sns', ''), TopicName: itself },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    generatedName: (name, property) => (property('FifoQueue') === true ? `${name}.fifo` : name),
    ref: queueUrl,
    attributes: { Arn: arn('sqs', ''), QueueName: itself, QueueUrl: queueUrl },
  },
  'AWS::WAFv2::WebACL': {
    nameProperty: 'Name',
    attributes: { Arn: (name) => `${arn('wafv2', 'regional/webacl/')(name)}/${name}`, Id: itself },
  },
};

function functionArn(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : arn('lambda', 'function:')(nameOrArn);
}
