// What a deployment calls its things: the outputs of its stacks, by name.

import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type Connection, clientOptions, type Timeouts } from './client-options.ts';

export class StackMissing extends Error {
  override readonly name = 'StackMissing';
  constructor(stack: string, options?: ErrorOptions) {
    super(
      `The stack ${stack} was not found. Deploy it (npm run deploy), or check --stage, the region and the credentials.`,
      options,
    );
  }
}

/** Something answers, and not as AWS does: the address is that of something else. */
export class AnswerNotOfAws extends Error {
  override readonly name = 'AnswerNotOfAws';
  constructor(status: number) {
    super(`What answers at this endpoint (with status ${status}) is not CloudFormation.`);
  }
}

export async function readOutputs(
  stacks: readonly string[],
  timeouts: Timeouts,
  connection: Connection = {},
): Promise<Map<string, string>> {
  const client = new CloudFormationClient({ ...clientOptions(timeouts), ...connection });
  const outputs = new Map<string, string>();
  for (const stack of stacks) {
    const answer = await client.send(new DescribeStacksCommand({ StackName: stack })).catch((cause) => {
      if (cause instanceof Error && cause.name === 'ValidationError') {
        throw new StackMissing(stack, { cause });
      }
      // The SDK names every error that it can read.
      if (cause instanceof Error && cause.name === 'Error' && '$metadata' in cause) {
        const { httpStatusCode } = cause.$metadata as { readonly httpStatusCode?: number };
        if (httpStatusCode !== undefined) throw new AnswerNotOfAws(httpStatusCode);
      }
      throw cause;
    });
    for (const { OutputKey, OutputValue } of answer.Stacks?.[0]?.Outputs ?? []) {
      if (OutputKey && OutputValue) outputs.set(OutputKey, OutputValue);
    }
  }
  return outputs;
}
