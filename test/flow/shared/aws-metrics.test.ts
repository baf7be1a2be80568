// What AWS measures by itself of one batch, from the gateway to the tables, as the twin's services tell it.

import { expect } from 'vitest';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  twin = weir.twin;
});

type Dimensions = Readonly<Record<string, string>>;
type Series = { readonly namespace: string; readonly name: string; readonly dimensions: Dimensions };

const seriesOfAws = async () =>
  ((await (await fetch(`${twin.url}/_weir/metrics/aws`)).json()) as { series: readonly Series[] }).series;
/** Whether there is a series under exactly these dimensions; a pattern stands for names that the template makes up. */
const isMeasured = (all: readonly Series[], namespace: string, name: string, ...dimensions: string[]) =>
  all.some(
    (each) =>
      each.namespace === namespace &&
      each.name === name &&
      Object.keys(each.dimensions).toSorted().join() === dimensions.toSorted().join(),
  );

it('a batch is measured by the gateway, functions, the stream, its mapping and tables', async () => {
  const { api_key } = await createAccountOn(twin, 'measured-by-aws', 'standard');
  expect((await createApi(twin.url, api_key).post('/v1/events', [{ type: 'tick' }])).status).toBe(202);
  expect((await createApi(twin.url, 'nobody').get('/v1/usage')).status).toBe(401);

  const wanted: readonly (readonly [namespace: string, name: string, ...dimensions: string[]])[] = [
    ['AWS/ApiGateway', 'Count', 'ApiName', 'Stage'],
    ['AWS/ApiGateway', 'Latency', 'ApiName', 'Stage', 'Method', 'Resource'],
    ['AWS/DynamoDB', 'SuccessfulRequestLatency', 'TableName', 'Operation'],
    ['AWS/DynamoDB', 'ConsumedWriteCapacityUnits', 'TableName'],
    ['AWS/Kinesis', 'IncomingRecords', 'StreamName'],
    ['AWS/Lambda', 'Invocations', 'FunctionName'],
    ['AWS/Lambda', 'IteratorAge', 'FunctionName'],
    ['AWS/Lambda', 'InvokedEventCount', 'EventSourceMappingUUID'],
    ['AWS/Lambda', 'PolledEventCount', 'EventSourceMappingUUID'],
    // Counted in the access log.
    ['Weir/dev', 'unauthorizedAnswers'],
  ];
  const missing = (all: readonly Series[]) => wanted.filter((each) => !isMeasured(all, ...each));
  await eventually(seriesOfAws, (all) => missing(all).length === 0);

  const text = await (await fetch(`${twin.url}/_weir/metrics/openmetrics`)).text();
  expect(text).toMatch(
    /^aws_api_gateway_count_total\{api_name="[^"]+",stage="[^"]+",method="POST",resource="\/v1\/events"\} \d+$/m,
  );
  expect(text).toMatch(/^weir_dev_accepted_events_total\{/m);
  expect(text.endsWith('# EOF\n')).toBe(true);
});
