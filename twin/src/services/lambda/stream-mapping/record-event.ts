// The event that Lambda makes of a batch of records, by where they come from.

import { twinAccount } from '../../../template/pseudo-parameters.ts';
import { kinesisEvent, type StreamRecord } from './kinesis-event.ts';
import type { MappingSettings } from './mapping-settings.ts';

export function recordEvent(settings: MappingSettings, shardId: string, records: readonly StreamRecord[]) {
  return settings.kind === 'table' ? tableEvent(settings, records) : kinesisEvent(settings, shardId, records);
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
function tableEvent({ streamArn }: Pick<MappingSettings, 'streamArn'>, records: readonly StreamRecord[]) {
  return {
    Records: records.map(({ Data }) => ({
      ...JSON.parse(Data),
      awsRegion: twinAccount.region,
      eventSourceARN: streamArn,
    })),
  };
}
