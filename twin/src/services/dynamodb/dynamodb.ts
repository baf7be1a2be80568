// DynamoDB: the tables of the template in an engine of their own process.

import { once, type Service, type ServiceContext } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { DynamoDbEngine } from './engine.ts';
import { createTables } from './tables.ts';

export function createDynamoDb(
  template: Template,
  { dataFolder, onLoss }: Pick<ServiceContext, 'dataFolder' | 'onLoss'>,
): Service {
  const engine = new DynamoDbEngine({ ...(dataFolder !== undefined && { folder: dataFolder }), onLoss });
  return {
    name: 'dynamodb',
    destination: { engine },
    phases: {
      engines: [engine],
      resources: [once('the tables', () => createTables(template, engine.endpoint))],
    },
  };
}
