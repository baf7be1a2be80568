import { afterEach, expect, it } from 'vitest';
import { signedHeaders } from '../../../src/core/engine-call.ts';
import { createCallers, identify } from '../../../src/core/proxy/identify.ts';
import { arnOf, type RunningTriggers, startTriggers } from '../../running-services.ts';

let running: RunningTriggers | undefined;
afterEach(() => running?.end());

const bus = { Type: 'AWS::Events::EventBus', Properties: { Name: 'shop' } };
const rule = (properties: object) => ({
  Type: 'AWS::Events::Rule',
  Properties: { Targets: [{ Id: 'Target0', Arn: arnOf('tell') }], ...properties },
});
const start = async () => {
  running = await startTriggers(['tell'], {
    Bus: bus,
    Sold: rule({ EventBusName: { Ref: 'Bus' }, EventPattern: { 'detail-type': ['sold'] } }),
    OnDefault: rule({ EventPattern: { source: ['shop'] } }),
  });
  return running;
};
const putEvents = async ({ proxy }: RunningTriggers, Entries: unknown, operation = 'PutEvents') => {
  const answer = await proxy.send(
    identify(
      {
        method: 'POST',
        url: '/',
        headers: { ...signedHeaders('events'), 'x-amz-target': `AWSEvents.${operation}` },
        body: Buffer.from(JSON.stringify({ Entries })),
      },
      createCallers(),
    ),
  );
  return { status: answer.status, json: JSON.parse(answer.body.toString()) };
};
const sold = { Source: 'shop', DetailType: 'sold', Detail: '{"id":7}', EventBusName: 'shop' };

it('an event goes to the rules of its bus that it matches, and is seen with them', async () => {
  const triggers = await start();
  triggers.clock.moveTo(Date.parse('2031-02-03T04:05:06Z'));

  const { json } = await putEvents(triggers, [
    { ...sold, DetailType: 'returned' },
    { ...sold, EventBusName: 'arn:aws:events:us-east-1:000000000000:event-bus/shop' },
  ]);

  expect(json).toEqual({
    FailedEntryCount: 0,
    Entries: [{ EventId: expect.any(String) }, { EventId: expect.any(String) }],
  });
  const [first] = await triggers.hears('tell');
  expect(first?.event).toEqual({
    version: '0',
    id: json.Entries[1].EventId,
    'detail-type': 'sold',
    source: 'shop',
    account: '000000000000',
    time: expect.stringMatching(/^2031-02-03T04:05:\d\dZ$/),
    region: 'us-east-1',
    resources: [],
    detail: { id: 7 },
  });
  expect(triggers.events().map(({ bus: name, event, rules }) => [name, event['detail-type'], rules])).toEqual(
    [
      ['shop', 'sold', ['Sold']],
      ['shop', 'returned', []],
    ],
  );
});

it('an entry that is wrong is told, and the others are put', async () => {
  const triggers = await start();

  const { json } = await putEvents(triggers, [
    { ...sold, Detail: 'text' },
    { ...sold, DetailType: '' },
    { ...sold, EventBusName: 'nowhere' },
    { ...sold, Detail: JSON.stringify({ large: 'x'.repeat(256 * 1024) }) },
    sold,
  ]);

  expect(json.FailedEntryCount).toBe(4);
  expect(json.Entries.map(({ ErrorCode }: { ErrorCode?: string }) => ErrorCode)).toEqual([
    'MalformedDetail',
    'InvalidArgument',
    'ResourceNotFoundException',
    'InvalidArgument',
    undefined,
  ]);
  expect(triggers.events()).toHaveLength(1);
});

it('a call with no entries, with more than ten, or of another operation is refused', async () => {
  const triggers = await start();

  expect((await putEvents(triggers, [])).status).toBe(400);
  expect((await putEvents(triggers, Array(11).fill(sold))).status).toBe(400);
  expect((await putEvents(triggers, [sold], 'PutRule')).status).toBe(501);
  expect(triggers.events()).toEqual([]);
});
