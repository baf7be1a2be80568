// The ARNs of what calls name, made as the twin's resources have theirs. What is an ARN already stays one.

import { twinAccount } from '../../template/pseudo-parameters.ts';

const { accountId, region } = twinAccount;
const regional = (service: string, before: string) => (nameOrArn: string) =>
  nameOrArn.startsWith('arn:')
    ? nameOrArn
    : `arn:aws:${service}:${region}:${accountId}:${before}${nameOrArn}`;

export const tableArn = regional('dynamodb', 'table/');
export const streamArn = regional('kinesis', 'stream/');
export const functionArn = regional('lambda', 'function:');
export const queueArn = regional('sqs', '');

export const alarmArn = regional('cloudwatch', 'alarm:');
export const eventBusArn = regional('events', 'event-bus/');

/** Of the table's name, or of the ARN by which the engine calls its stream. */
export function tableStreamArn(tableOrStream: string): string {
  const name = /:table\/([^/]+)/.exec(tableOrStream)?.[1] ?? tableOrStream;
  return `${tableArn(name)}/stream/local`;
}

export function indexArn(table: string, index: string | undefined): string {
  return index === undefined ? tableArn(table) : `${tableArn(table)}/index/${index}`;
}

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

/** By whom a role is used: the function's name stands for the session. */
export function sessionArn(roleName: string, functionName: string): string {
  return `arn:aws:sts::${accountId}:assumed-role/${roleName}/${functionName}`;
}
