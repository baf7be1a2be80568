// What Lambda leaves in the bucket, on its whole way: the bucket tells the bus, a rule calls settle, and from there the
// record is replayed by itself, replayed by an operator, or discarded.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishDiscardAfterMs, nextReplayAfterMs } from '../../domain/quarantine.ts';
import { startTwin, type Twin } from '../../local/twin.ts';
import { createApi } from '../support/api.ts';
import { events } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { parkedObject, sealed, tenant } from '../unit/lambdas/settle/fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-settle-'));
const reports: string[] = [];
let twin: Twin;
let s3: S3Client;
let lambda: LambdaClient;
let bucket: string | undefined;
beforeAll(async () => {
  twin = await startTwin({
    memory: true,
    folder,
    accountIds: [tenant.account],
    report: (problem) => reports.push(problem),
  });
  const connection = {
    endpoint: twin.proxyUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
  };
  s3 = new S3Client({ ...connection, forcePathStyle: true });
  lambda = new LambdaClient(connection);
  bucket = twin.system.resources('AWS::S3::Bucket')[0]?.name;
});
afterAll(async () => {
  s3.destroy();
  lambda.destroy();
  await twin.stop();
  rmSync(folder, { recursive: true });
});

const names = async (): Promise<string[]> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key);
};

const put = (name: string, body: Uint8Array) =>
  s3.send(new PutObjectCommand({ Bucket: bucket, Key: `aws/lambda/mapping/shard/${name}`, Body: body }));

async function ask(request: object): Promise<unknown> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: 'weir-dev-settle', Payload: JSON.stringify(request) }),
  );
  return { error: FunctionError, answer: JSON.parse(Buffer.from(Payload ?? []).toString()) };
}

/** Minute by minute, and not under an invocation, whose time it would take. */
const asTimeGoesOn = (enough: (names: readonly string[]) => boolean) =>
  eventually(async () => {
    if (twin.functions.activity().settle?.busy === 0) twin.clock.moveBy(60_000);
    return names();
  }, enough);

it('what arrives in the bucket is settled, and ends stored, stored and gone', async () => {
  const receivedAtMs = twin.clock.now();
  const recordOf = (batchId: string) =>
    sealed(
      events(3).map((event) => ({
        ...event,
        timestamp: receivedAtMs,
        event_id: `${batchId}-${event.event_id}`,
      })),
      { batchId, receivedAtMs },
    );
  const payloadOf = (batchId: string) => `quarantine/${tenant.account}/${tenant.environment}/${batchId}.0`;
  const asked = (action: string, batchId: string) => ({
    action,
    tenant,
    record: `${batchId}.0`,
    receivedAtMs,
  });

  await put('outage', parkedObject([recordOf('away'), Buffer.from('noise')], 'reported'));
  await put('crash', parkedObject([recordOf('mended'), recordOf('unwanted')], 'failed'));

  const settled = await eventually(names, (found) => !found.some((name) => name.startsWith('aws/')));
  expect(settled.toSorted()).toEqual([...['away', 'mended', 'unwanted'].map(payloadOf), 'unreadable/2']);
  expect(await ask(asked('replay', 'mended'))).toMatchObject({ answer: { outcome: 'stored', stored: 3 } });
  expect(await ask(asked('replay', 'mended'))).toMatchObject({ answer: { outcome: 'not_in_quarantine' } });
  expect(await ask(asked('discard', 'unwanted'))).toMatchObject({ answer: { outcome: 'discarded' } });
  expect(await ask({ ...asked('replay', 'mended'), action: 'erase' })).toMatchObject({
    error: 'Unhandled',
    answer: { errorType: 'UnknownTask' },
  });

  twin.clock.moveBy(nextReplayAfterMs(0) ?? 0);
  await asTimeGoesOn((left) => !left.includes(payloadOf('away')));
  twin.clock.moveBy(finishDiscardAfterMs);
  expect(await asTimeGoesOn((left) => !left.includes(payloadOf('unwanted')))).toEqual(['unreadable/2']);

  const summary = await createApi(twin.url, twin.accounts[0]?.api_key).get(
    `/v1/accounts/${tenant.account}/summary?window=24h`,
  );
  expect(summary.json).toMatchObject({ total: 6 });
  expect(await twin.invoke('report', {})).toMatchObject({ imbalance: 0 });
  expect(reports.filter((line) => line.includes('denied'))).toEqual([]);
}, 120_000);
