// The stacks on the emulator: deployed and destroyed with the CDK's command line, as on AWS. Stacks of a failed run are
// deleted by name, which works in any state.

import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APIGatewayClient, DeleteApiKeyCommand, GetApiKeysCommand } from '@aws-sdk/client-api-gateway';
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { stackNamesOf } from '../../domain/system/stage-names.ts';
import { eventually } from '../support/eventually.ts';
import { connectionTo, type Target } from './target.ts';

export const stage = 'emulator';
/** The importing stack first, because an export in use cannot be deleted. */
const stackNames = Object.values(stackNamesOf(stage)).toReversed();
const project = join(import.meta.dirname, '..', '..');
const folder = join(project, '.weir', 'emulator');

/** Returns the output, which is also in `.weir/emulator/cdk.log`. */
async function runCdk(target: Target, args: readonly string[], verbose: boolean): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, 'cdk.log');
  const log = createWriteStream(logFile);
  const child = spawn(
    join(project, 'node_modules', '.bin', 'cdk'),
    [...args, '--context', `stage=${stage}`, '--output', join(folder, 'cdk.out'), '--ci'],
    { cwd: project, env: target.environment, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(log, { end: false });
    if (verbose) stream.pipe(process.stdout, { end: false });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  await new Promise<void>((resolve) => log.end(resolve));
  const output = readFileSync(logFile, 'utf8');
  if (code === 0) return output;
  const lastLines = output.trimEnd().split('\n').slice(-20).join('\n');
  throw new Error(`cdk ${args[0]} ended with ${code}; its last lines (all: ${logFile}):\n${lastLines}`);
}

export async function bootstrap(target: Target, accountId: string, verbose: boolean): Promise<void> {
  await runCdk(target, ['bootstrap', `aws://${accountId}/${target.region}`], verbose);
}

/** Returns whether anything changed. */
export async function deploy(target: Target, verbose: boolean): Promise<boolean> {
  const output = await runCdk(
    target,
    ['deploy', '--all', '--require-approval=never', '--progress=events'],
    verbose,
  );
  return !stackNames.every((name) => output.includes(`${name} (no changes)`));
}

export async function destroy(target: Target, verbose: boolean): Promise<void> {
  await runCdk(target, ['destroy', '--all', '--force'], verbose);
  const cloudFormation = new CloudFormationClient(connectionTo(target));
  for (const name of stackNames) {
    const status = await statusOf(cloudFormation, name);
    if (status !== 'gone') throw new Error(`${name} is still there: ${status}`);
  }
}

/** Deletes both stacks and the usage-plan keys that the operator made. Returns the number of deleted stacks. */
export async function remove(target: Target): Promise<number> {
  const cloudFormation = new CloudFormationClient(connectionTo(target));
  let removed = 0;
  for (const StackName of stackNames) {
    if ((await statusOf(cloudFormation, StackName)) === 'gone') continue;
    await cloudFormation.send(new DeleteStackCommand({ StackName }));
    const status = await eventually(
      () => statusOf(cloudFormation, StackName),
      (seen) => seen === 'gone' || seen.startsWith('DELETE_FAILED'),
      120_000,
    );
    if (status !== 'gone') throw new Error(`${StackName}: ${status}`);
    removed += 1;
  }
  await removePlanKeys(new APIGatewayClient(connectionTo(target)));
  return removed;
}

async function statusOf(client: CloudFormationClient, StackName: string): Promise<string> {
  const answer = await client.send(new DescribeStacksCommand({ StackName })).catch((error: Error) => {
    if (error.name === 'ValidationError') return undefined;
    throw error;
  });
  const { StackStatus = 'DELETE_COMPLETE', StackStatusReason = '' } = answer?.Stacks?.[0] ?? {};
  return StackStatus === 'DELETE_COMPLETE' ? 'gone' : `${StackStatus} ${StackStatusReason}`.trim();
}

async function removePlanKeys(client: APIGatewayClient): Promise<void> {
  const ours = `weir-${stage}-`;
  const { items = [] } = await client.send(new GetApiKeysCommand({ nameQuery: ours, limit: 500 }));
  for (const { id, name } of items)
    if (name?.startsWith(ours)) await client.send(new DeleteApiKeyCommand({ apiKey: id }));
}
