// What calls to the streams of tables need: the action of their name, on the stream. Those that list need it on all.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html

import { jsonBody } from '../../../core/proxy/json-body.ts';
import { tableStreamArn } from '../arns.ts';
import type { Needs } from './call-needs.ts';

export const dynamoDbStreamsNeeds: Needs = ({ operation, body }, { streamOf }) => {
  const { StreamArn, TableName, ShardIterator } = jsonBody(body) ?? {};
  const need = (resource: string | undefined) =>
    resource === undefined ? undefined : [{ action: `dynamodb:${operation}`, resource }];
  switch (operation) {
    case 'ListStreams':
      return need(TableName === undefined ? '*' : tableStreamArn(String(TableName)));
    case 'DescribeStream':
    case 'GetShardIterator':
      return need(StreamArn === undefined ? undefined : tableStreamArn(String(StreamArn)));
    case 'GetRecords':
      return need(streamOf(String(ShardIterator)));
    default:
      return undefined;
  }
};
