// Reads the outputs of a deployment's stacks: the names of its tables, buckets and streams.

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

/** The endpoint answers, but not as CloudFormation does: the address belongs to something else. */
export class NotCloudFormation extends Error {
  override readonly name = 'NotCloudFormation';
  constructor(status: number) {
    super(`The endpoint is not CloudFormation (it answered with status ${status}). Check its address.`);
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
      // The SDK gives a name to every error of AWS. An error without one means that it could not parse the answer.
      if (cause instanceof Error && cause.name === 'Error' && '$metadata' in cause) {
        const { httpStatusCode } = cause.$metadata as { readonly httpStatusCode?: number };
        if (httpStatusCode !== undefined) throw new NotCloudFormation(httpStatusCode);
      }
      throw cause;
    });
    for (const { OutputKey, OutputValue } of answer.Stacks?.[0]?.Outputs ?? []) {
      if (OutputKey && OutputValue) outputs.set(OutputKey, OutputValue);
    }
  }
  return outputs;
}
