import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it, onTestFinished } from 'vitest';
import { CloudWatchAccessLog } from '../../../../adapters/accounts/cloudwatch-access-log.ts';
import { workTimeouts } from '../../../../adapters/aws/client-options.ts';

const lineAt = (atMs: number, requestId: string) => ({
  timestamp: atMs + 5,
  message: JSON.stringify({
    ...{
      requestId,
      requestTimeEpoch: String(atMs),
      ip: '192.0.2.1',
      keyId: 'k',
      route: '/v1/x',
      status: '200',
    },
  }),
});

it('asks for the reads of one account, through pages that may be empty, and puts them in order', async () => {
  const logs = mockClient(CloudWatchLogsClient);
  onTestFinished(() => logs.restore());
  logs
    .on(FilterLogEventsCommand)
    .resolvesOnce({ events: [lineAt(3000, 'c')], nextToken: 'one' })
    .resolvesOnce({ events: [], nextToken: 'two' })
    .resolvesOnce({
      events: [lineAt(2000, 'b'), lineAt(1000, 'a'), lineAt(4000, 'late'), { message: 'text' }],
    });

  const log = new CloudWatchAccessLog('access', workTimeouts, { region: 'us-east-1' });
  const reads = await log.reads('acme', { fromMs: 1000, toMs: 4000 });

  expect(reads.map(({ requestId }) => requestId)).toEqual(['a', 'b', 'c']);
  const inputs = logs.commandCalls(FilterLogEventsCommand).map(({ args: [{ input }] }) => input);
  expect(inputs).toHaveLength(3);
  expect(inputs[0]).toMatchObject({
    logGroupName: 'access',
    startTime: 1000,
    filterPattern: '{ ($.accountId = "acme") && ($.method = "GET") }',
  });
  // A line may come after the end of the time, of a request that began in it.
  expect(inputs[0]?.endTime).toBeGreaterThan(4000);
});
