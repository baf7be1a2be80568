// DynamoDB: the tables of the template, and their streams, in an engine of their own process.

import { once, type Service, type ServiceContext } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { DynamoDbEngine } from './engine.ts';
import { createTables } from './tables.ts';

const reads = /^(GetItem|BatchGetItem|TransactGetItems|Query|Scan|Describe\w+|List\w+)$/;

export function createDynamoDb(
  template: Template,
  { dataFolder, marks, onLoss }: Pick<ServiceContext, 'dataFolder' | 'marks' | 'onLoss'>,
): readonly Service[] {
  const engine = new DynamoDbEngine({
    ...(dataFolder !== undefined && { folder: dataFolder }),
    marks,
    onLoss,
  });
  const tables: Service = {
    name: 'dynamodb',
    destination: { engine },
    steps: [
      async (call, next) => {
        const answer = await next(call);
        if (call.service === 'dynamodb' && !reads.test(call.operation)) engine.written();
        return answer;
      },
    ],
    phases: {
      engines: [engine],
      resources: [
        once('the tables', async () => {
          await createTables(template, engine.endpoint);
          engine.written();
        }),
      ],
    },
  };
  return [tables, { name: 'dynamodbstreams', destination: { engine } }];
}
