// Keys of API Gateway, one an account, however many API keys the account has: each is on the usage plan of its account.
// AWS lets a key be on one plan of a stage.

import {
  APIGatewayClient,
  ConflictException,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  GetUsagePlansCommand,
  NotFoundException,
  paginateGetApiKeys,
} from '@aws-sdk/client-api-gateway';
import type { PlanKey, PlanKeys } from '../../domain/accounts/port.ts';
import { tagsOf } from '../../domain/system/stage-names.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';

export class ApiGatewayPlanKeys implements PlanKeys {
  readonly #client: APIGatewayClient;
  readonly #stage: string;

  constructor(stage: string, timeouts: Timeouts, connection: Connection = {}) {
    this.#stage = stage;
    this.#client = new APIGatewayClient({ ...clientOptions(timeouts), ...connection });
  }

  async find(name: string): Promise<readonly PlanKey[]> {
    const found: PlanKey[] = [];
    // The query is for names that begin so.
    const query = { nameQuery: name, includeValues: true };
    for await (const { items = [] } of paginateGetApiKeys({ client: this.#client, pageSize: 500 }, query))
      for (const { id = '', value = '', name: itsName } of items)
        if (itsName === name) found.push({ id, value });
    return found;
  }

  async create(name: string, value: string): Promise<PlanKey> {
    const { id = '' } = await this.#client.send(
      new CreateApiKeyCommand({ name, value, enabled: true, tags: tagsOf(this.#stage) }),
    );
    return { id, value };
  }

  async planOf({ id }: PlanKey): Promise<string | undefined> {
    const { items = [] } = await this.#client.send(new GetUsagePlansCommand({ keyId: id }));
    return items[0]?.id;
  }

  async attach(key: PlanKey, usagePlanId: string): Promise<void> {
    try {
      await this.#client.send(
        new CreateUsagePlanKeyCommand({ usagePlanId, keyId: key.id, keyType: 'API_KEY' }),
      );
    } catch (error) {
      const isThere = error instanceof ConflictException && (await this.planOf(key)) === usagePlanId;
      if (!isThere) throw error;
    }
  }

  async remove({ id }: PlanKey): Promise<void> {
    try {
      await this.#client.send(new DeleteApiKeyCommand({ apiKey: id }));
    } catch (error) {
      if (!(error instanceof NotFoundException)) throw error;
    }
  }
}
