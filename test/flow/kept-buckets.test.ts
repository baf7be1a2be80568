// What is parked in a bucket is accepted: it is there when the twin was stopped and started again.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorizationFor } from '@weir/twin/parts';
import { afterAll, afterEach, expect, it } from 'vitest';
import { type RunningWeir, startWeir } from '../../local/weir.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-buckets-'));
let twin: RunningWeir | undefined;
afterEach(() => twin?.stop());
afterAll(() => rmSync(folder, { recursive: true }));

it('an object outlives the twin, and is found on its page of facts', async () => {
  const first = await startWeir({ folder, report: () => undefined });
  twin = first;
  const [bucket] = Object.keys((await first.state()).buckets);
  const parked = await fetch(`${first.proxyUrl}/${bucket}/aws/lambda/record`, {
    method: 'PUT',
    headers: { authorization: authorizationFor('s3', 'ANYBODY') },
    body: '{"payload":"{}"}',
  });
  expect(parked.status).toBe(200);
  await first.stop();

  twin = await startWeir({ folder, assembly: first.assemblyFolder, report: () => undefined });

  const { buckets } = await twin.state();
  expect(buckets[String(bucket)]?.objects).toMatchObject([{ key: 'aws/lambda/record', bytes: 16 }]);
});
