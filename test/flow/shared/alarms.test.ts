// The alarms of the stage in the twin, by the words that an operator uses on AWS.

import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { expect } from 'vitest';
import { workTimeouts } from '../../../adapters/aws/client-options.ts';
import { CloudWatchAlarms } from '../../../adapters/operations/cloudwatch-alarms.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

it('an alarm that is set rings, and is told with what it went through', async ({
  weir: { twin, reports },
}) => {
  const connection = {
    endpoint: twin.proxyUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'local' },
  };
  const client = new CloudWatchClient(connection);
  const stageAlarms = new CloudWatchAlarms('dev', workTimeouts, connection);
  const startMs = twin.clock.now();
  const AlarmName = 'weir-dev-stream-lag';

  await client.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a drill' }));

  expect(await stageAlarms.history(startMs - 1000)).toContainEqual(
    expect.objectContaining({ name: AlarmName, to: 'ALARM', reason: 'a drill' }),
  );
  await eventually(
    async () => twin.calls().alarms?.['sns.Publish']?.calls ?? 0,
    (calls) => calls > 0,
  );
  expect(reports.filter((line) => line.includes(AlarmName))).toEqual([]);
  const states = await stageAlarms.states();
  expect(states.map(({ name }) => name)).toEqual(
    twin.alarms
      .states()
      .map(({ alarm }) => alarm.name)
      .toSorted(),
  );
  client.destroy();
});
