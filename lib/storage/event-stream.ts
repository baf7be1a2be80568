// A stream between ingest and a consumer. It keeps records for the stage's retention, which is longer than the maximum age
// at which the consumer still takes them.

import { Duration } from 'aws-cdk-lib';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import { removalOf } from '../stage/removal.ts';
import type { StageSettings, StreamCapacity } from '../stage/stage-settings.ts';

export class EventStream extends Construct {
  readonly stream: Stream;

  constructor(scope: Construct, id: string, stage: StageSettings, capacity: StreamCapacity) {
    super(scope, id);
    this.stream = new Stream(this, 'Stream', {
      ...(capacity.mode === 'provisioned'
        ? { streamMode: StreamMode.PROVISIONED, shardCount: capacity.shards }
        : { streamMode: StreamMode.ON_DEMAND }),
      retentionPeriod: Duration.hours(stage.streamRetentionHours),
      encryption: StreamEncryption.MANAGED,
      removalPolicy: removalOf(stage),
    });
  }
}
