// Ties an account to a usage plan with one API Gateway key, however many API keys the account has.

import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
} from '@aws-sdk/client-api-gateway';
import { tagsOf } from '../../domain/system/stage-names.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';

export class PlanKeys {
  readonly #client: APIGatewayClient;
  readonly #stage: string;

  constructor(stage: string, timeouts: Timeouts, connection: Connection = {}) {
    this.#stage = stage;
    this.#client = new APIGatewayClient({ ...clientOptions(timeouts), ...connection });
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
