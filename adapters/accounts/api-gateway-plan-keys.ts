// Ties an account to a usage plan: one key of API Gateway per account, whatever number of secrets it has.

import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { tagsOf } from '../../domain/system/functions.ts';
import { type Connection, clientOptions, type Patience } from '../aws/client-options.ts';

export class PlanKeys {
  readonly #client: APIGatewayClient;
  readonly #stage: string;

  constructor(stage: string, patience: Patience, connection: Connection = {}) {
    this.#stage = stage;
    this.#client = new APIGatewayClient({ ...clientOptions(patience), ...connection });
  }

  async attach(name: string, value: string, usagePlanId: string): Promise<void> {
    const key = await this.#client.send(
      new CreateApiKeyCommand({ name, value, enabled: true, tags: tagsOf(this.#stage) }),
    );
    await this.#client.send(
      new CreateUsagePlanKeyCommand({ usagePlanId, keyId: key.id, keyType: 'API_KEY' }),
    );
  }
}
