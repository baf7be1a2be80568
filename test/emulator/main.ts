// `AWS_ENDPOINT_URL=… npm run test:emulator`: deploys the stage `emulator` to an emulator of AWS with the pinned CLI, uses
// it as clients and operators do, and removes it. `--keep` leaves it there, `--verbose` prints the output of the CDK.
// Exit codes: 0 all steps passed, 1 a step failed, 2 wrong arguments, or no emulator.

import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { readOutputs } from '../../adapters/aws/stack-outputs.ts';
import { stackNamesOf } from '../../domain/system/stage-names.ts';
import type { StageSettings } from '../../lib/stage/stage-settings.ts';
import { stages } from '../../lib/stage/stages.ts';
import { anyAnswer, createApi } from '../support/api.ts';
import { bootstrap, deploy, destroy, remove, stage } from './stacks.ts';
import { createSteps } from './steps.ts';
import { CannotRun, connectionTo, readTarget, type Target } from './target.ts';
import * as walk from './walk.ts';

/** The only account of an emulator. */
const accountId = '000000000000';

async function run(target: Target, options: { keep: boolean; verbose: boolean }): Promise<boolean> {
  await expectAnswer(target);
  const startedMs = performance.now();
  const { step, always, end } = createSteps(console.log);
  console.log(`Stage ${stage} on ${target.endpoint}, region ${target.region}. Left out of it:`);
  for (const [setting, reason] of leftOut()) console.log(`  ${setting}: ${reason}`);

  await step('remove stacks of an earlier run', async () => `${await remove(target)} stacks`);
  await step('cdk bootstrap', async () => {
    await bootstrap(target, accountId, options.verbose);
    return undefined;
  });
  await step('cdk deploy', async () => {
    assert.equal(await deploy(target, options.verbose), true, 'there was nothing to deploy');
    return undefined;
  });

  let url = '';
  await step('the outputs name the API', async () => {
    const outputs = await readOutputs([stackNamesOf(stage).stateless], workTimeouts, connectionTo(target));
    const apiId = outputs.get('ApiId');
    assert.ok(apiId, 'ApiId is missing');
    url = `${target.endpoint}/_aws/execute-api/${apiId}/api`;
    return url;
  });
  await step('GET /health', () => walk.answersHealth(url));
  await step('strangers are refused', () => walk.refusesStrangers(url));

  let acme = createApi(url, undefined, anyAnswer);
  let other = createApi(url, undefined, anyAnswer);
  await step('weir account create, twice', async () => {
    acme = createApi(url, (await walk.createAccount(target, 'acme')).api_key, anyAnswer);
    other = createApi(url, (await walk.createAccount(target, 'other')).api_key, anyAnswer);
    return 'acme, other';
  });
  let sent: walk.Sent = { total: 0, receipts: [] };
  await step('POST /v1/events', async () => {
    sent = await walk.send(acme);
    return `${sent.total} accepted in ${sent.receipts.length} batches`;
  });
  await step('receipts', () => walk.expectReceipts(acme, sent, 'stored'));
  const once = () => ({ total: sent.total, duplicates: 0, conflicts: 0 });
  await step('the summary has each event once', () => walk.expectSummary(acme, 'acme', once()));

  let again: walk.Sent = { total: 0, receipts: [] };
  await step('the same events again', async () => {
    again = await walk.send(acme);
    return `${again.total} accepted`;
  });
  await step('receipts of the second time', () => walk.expectReceipts(acme, again, 'duplicates'));
  const twice = () => ({ ...once(), duplicates: sent.total });
  await step('the totals are the same', () => walk.expectSummary(acme, 'acme', twice()));
  await step("another account's key sees none of it", () => walk.refusesOthers(other, sent));
  await step('and its own summary is empty', () =>
    walk.expectSummary(other, 'other', { total: 0, duplicates: 0, conflicts: 0 }),
  );
  await step('a dry run', () => walk.runsDry(other));
  await step('one batch under an idempotency key', () => walk.sendsOnceUnderAKey(other));
  await step('lines, compressed', () => walk.sendsCompressedLines(other));
  await step('and the summary has just these', () =>
    walk.expectSummary(other, 'other', { total: 5, duplicates: 0, conflicts: 0 }),
  );
  await step('cdk deploy changes nothing the second time', async () => {
    assert.equal(await deploy(target, options.verbose), false, 'the same sources gave other templates');
    return undefined;
  });
  if (!options.keep) {
    await step('cdk destroy', async () => {
      await destroy(target, options.verbose);
      return undefined;
    });
    await always('tear down', async () => `${await remove(target)} stacks left over`);
  }

  const { passed, failed, skipped } = end();
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  console.log(`${passed} steps passed, ${failed} failed, ${skipped} skipped, in ${seconds} s`);
  return failed === 0;
}

async function expectAnswer({ endpoint }: Target): Promise<void> {
  await fetch(endpoint, { signal: AbortSignal.timeout(10_000) }).catch((cause: Error) => {
    throw new CannotRun(`Nothing answers at ${endpoint}. Start it first: npm run emulator`, { cause });
  });
}

/** The settings that the stage leaves out, with its reasons. */
function leftOut(): readonly (readonly [string, string])[] {
  const settings: StageSettings | undefined = stages.find(({ name }) => name === stage);
  return Object.entries(settings ?? {}).flatMap(([setting, value]) =>
    isLeftOut(value) ? [[setting, value.reason] as const] : [],
  );
}

function isLeftOut(value: unknown): value is { readonly reason: string } {
  return typeof value === 'object' && value !== null && 'leftOut' in value;
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        keep: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new CannotRun((error as Error).message);
  }
}

try {
  const options = readOptions();
  process.exitCode = (await run(readTarget(process.env), options)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof CannotRun)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
