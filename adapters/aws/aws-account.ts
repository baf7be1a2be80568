// The AWS account of a connection: who calls, its quotas, and what of them is used. It only reads.

import { APIGatewayClient, GetApiKeysCommand, GetUsagePlansCommand } from '@aws-sdk/client-api-gateway';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeLimitsCommand, DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Connection, clientOptions, type Timeouts } from './client-options.ts';

export type DeployedStack = {
  readonly status: string;
  readonly changedAtMs: number | undefined;
  readonly outputs: ReadonlyMap<string, string>;
};
export type StreamUse = { readonly shards: number; readonly onDemandStreams: number };
type UsedAndLimit = { readonly used: number; readonly limit: number };

const mostInPage = 500;

export class AwsAccount {
  readonly #options: ReturnType<typeof clientOptions> & Connection;
  readonly #now: () => number;

  constructor(timeouts: Timeouts, connection: Connection, now: () => number) {
    this.#options = { ...clientOptions(timeouts), ...connection };
    this.#now = now;
  }

  /** Rejects if neither the connection nor the configuration names one. */
  region(): Promise<string> {
    return new STSClient(this.#options).config.region();
  }

  /** `aheadMs`: how far the clock of this machine is ahead of that of AWS, which is told to the second. */
  async identity() {
    const client = new STSClient(this.#options);
    let aheadMs = 0;
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
        const awsMs = Date.parse(headers?.date ?? '');
        if (!Number.isNaN(awsMs)) aheadMs = this.#now() - awsMs;
        return result;
      },
      { step: 'deserialize' },
    );
    const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
    return { account: Account, arn: Arn, region: await this.region(), aheadMs };
  }

  async concurrency(): Promise<{ readonly limit: number; readonly unreserved: number }> {
    const { AccountLimit } = await new LambdaClient(this.#options).send(new GetAccountSettingsCommand({}));
    return {
      limit: AccountLimit?.ConcurrentExecutions ?? 0,
      unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? 0,
    };
  }

  /** Of these functions together, those that there are. */
  async reservedFor(functions: readonly string[]): Promise<number> {
    const client = new LambdaClient(this.#options);
    let sum = 0;
    for (const FunctionName of functions) {
      const answer = await client
        .send(new GetFunctionConcurrencyCommand({ FunctionName }))
        .catch((error: Error) => {
          if (error.name === 'ResourceNotFoundException') return undefined;
          throw error;
        });
      sum += answer?.ReservedConcurrentExecutions ?? 0;
    }
    return sum;
  }

  async streamLimits(): Promise<{ readonly shards: UsedAndLimit; readonly onDemandStreams: UsedAndLimit }> {
    const limits = await new KinesisClient(this.#options).send(new DescribeLimitsCommand({}));
    return {
      shards: { used: limits.OpenShardCount ?? 0, limit: limits.ShardLimit ?? 0 },
      onDemandStreams: {
        used: limits.OnDemandStreamCount ?? 0,
        limit: limits.OnDemandStreamCountLimit ?? 0,
      },
    };
  }

  async streamsOf(names: readonly string[]): Promise<StreamUse> {
    const client = new KinesisClient(this.#options);
    const use = { shards: 0, onDemandStreams: 0 };
    for (const StreamName of names) {
      const { StreamDescriptionSummary } = await client.send(
        new DescribeStreamSummaryCommand({ StreamName }),
      );
      if (StreamDescriptionSummary?.StreamModeDetails?.StreamMode === 'ON_DEMAND') use.onDemandStreams += 1;
      else use.shards += StreamDescriptionSummary?.OpenShardCount ?? 0;
    }
    return use;
  }

  async countUsagePlans(): Promise<number> {
    const client = new APIGatewayClient(this.#options);
    return this.#count((position) =>
      client.send(new GetUsagePlansCommand({ limit: mostInPage, ...position })),
    );
  }

  async countApiKeys(): Promise<number> {
    const client = new APIGatewayClient(this.#options);
    return this.#count((position) => client.send(new GetApiKeysCommand({ limit: mostInPage, ...position })));
  }

  async #count(
    page: (at: { readonly position?: string }) => Promise<{
      readonly items?: readonly unknown[] | undefined;
      readonly position?: string | undefined;
    }>,
  ): Promise<number> {
    let count = 0;
    let at: { readonly position?: string } = {};
    for (;;) {
      const { items = [], position } = await page(at);
      count += items.length;
      if (position === undefined) return count;
      at = { position };
    }
  }

  /** Undefined if there is none. */
  async stack(name: string): Promise<DeployedStack | undefined> {
    try {
      const { Stacks = [] } = await new CloudFormationClient(this.#options).send(
        new DescribeStacksCommand({ StackName: name }),
      );
      const [stack] = Stacks;
      if (stack === undefined) return undefined;
      return {
        status: String(stack.StackStatus),
        changedAtMs: (stack.LastUpdatedTime ?? stack.CreationTime)?.getTime(),
        outputs: new Map(
          (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
        ),
      };
    } catch (error) {
      if (error instanceof Error && error.name === 'ValidationError') return undefined;
      throw error;
    }
  }
}
