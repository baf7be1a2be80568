// The policies of AWS that the CDK gives to functions, as AWS documents them. Any other ends the start.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html

const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

const actions: Readonly<Record<string, readonly string[]>> = {
  'service-role/AWSLambdaBasicExecutionRole': logs,
  'service-role/AWSLambdaKinesisExecutionRole': [
    'kinesis:DescribeStream',
    'kinesis:DescribeStreamSummary',
    'kinesis:GetRecords',
    'kinesis:GetShardIterator',
    'kinesis:ListShards',
    'kinesis:ListStreams',
    'kinesis:SubscribeToShard',
    ...logs,
  ],
  'service-role/AWSLambdaSQSQueueExecutionRole': [
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
    ...logs,
  ],
  AWSXRayDaemonWriteAccess: [
    'xray:GetSamplingRules',
    'xray:GetSamplingStatisticSummaries',
    'xray:GetSamplingTargets',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ],
};

const managedArn = /^arn:aws:iam::aws:policy\/(.+)$/;

/** The document; undefined for a policy that is not known here. */
export function managedPolicy(arn: string): object | undefined {
  const name = managedArn.exec(arn)?.[1] ?? '';
  const Action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  return Action && { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
}
