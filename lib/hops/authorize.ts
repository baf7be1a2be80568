// The authorize hop: the function behind the authorizer of the API.

import { Construct } from 'constructs';
import { authorizeTimeMs } from '../../domain/api/routes.ts';
import { lastUseKeyPrefix } from '../../domain/keys.ts';
import { allow, allowPartitions } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import type { HopProps } from './hop.ts';

export class Authorize extends Construct {
  readonly function: WeirFunction['function'];

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { accounts } = storage.tables;
    this.function = new WeirFunction(this, 'Authorize', {
      stage,
      code,
      verb: 'authorize',
      description: 'Resolves a secret to its account, scopes and usage-plan key',
      memoryMebibytes: 512,
      timeoutSeconds: authorizeTimeMs / 1000,
      environment: { ACCOUNTS_TABLE: accounts.tableName },
      statements: [
        allow('dynamodb', ['BatchGetItem'], accounts.tableArn),
        allowPartitions(['PutItem'], accounts, { prefix: lastUseKeyPrefix }),
      ],
    }).function;
  }
}
