// Ties an account to a usage plan: one key of API Gateway per account, whatever number of secrets it has.

import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { type Connection, clientOptions, type Patience } from '../client-options.ts';

export class PlanKeys {
  readonly #client: APIGatewayClient;
  readonly #stage: string;

  constructor(stage: string, patience: Patience, connection: Connection = {}) {
    this.#stage = stage;
    this.#client = new APIGatewayClient({ ...clientOptions(patience), ...connection });
  }

  async attach(name: string, value: string, usagePlanId: string): Promise<void> {
    // No stack holds the key: its tags are how it is found, and charged to the stage, like the rest.
    const tags = { application: 'weir', stage: this.#stage };
    const key = await this.#client.send(new CreateApiKeyCommand({ name, value, enabled: true, tags }));
    await this.#client.send(
      new CreateUsagePlanKeyCommand({ usagePlanId, keyId: key.id, keyType: 'API_KEY' }),
    );
  }
}
