import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, it } from 'vitest';
import { EventBridgeBus } from '../../../../adapters/accounts/eventbridge-bus.ts';
import { workTimeouts } from '../../../../adapters/aws/client-options.ts';

const client = mockClient(EventBridgeClient);
afterEach(() => client.reset());

const announcements = ['a', 'b', 'c'].map((id) => ({
  type: 'key.created' as const,
  atMs: Date.parse('2026-11-21T10:25:00Z'),
  detail: { id },
}));
const put = () => new EventBridgeBus('weir-dev', workTimeouts, { region: 'us-east-1' }).put(announcements);

it('an announcement is put with its type, its time and its detail on the bus', async () => {
  client.on(PutEventsCommand).resolves({ Entries: announcements.map(() => ({ EventId: '1' })) });

  expect(await put()).toEqual(['put', 'put', 'put']);
  expect(client.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries?.[0]).toEqual({
    EventBusName: 'weir-dev',
    Source: 'weir',
    DetailType: 'key.created',
    Time: new Date('2026-11-21T10:25:00Z'),
    Detail: '{"id":"a"}',
  });
});

it('an entry that the bus has no room for is to be tried again, and one that is wrong is not', async () => {
  client.on(PutEventsCommand).resolves({
    FailedEntryCount: 2,
    Entries: [{ ErrorCode: 'ThrottlingException' }, { EventId: '1' }, { ErrorCode: 'MalformedDetail' }],
  });

  expect(await put()).toEqual(['failed', 'put', 'refused']);
});

it('an answer with too few entries is of failures', async () => {
  client.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }] });

  expect(await put()).toEqual(['put', 'failed', 'failed']);
});
