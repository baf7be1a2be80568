// Kinesis: the streams of the template in an engine on a thread of its own, with the limits that AWS sets to shards.

import { once, type Service, type ServiceContext } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { KinesisEngine } from './engine.ts';
import { createIteratorsByTime } from './iterators-by-time.ts';
import { createStreamLimits, type StreamLimits } from './stream-limits/stream-limits.ts';
import { createStreams } from './streams.ts';

export type Kinesis = Service & {
  /** By stream and open shard: what writes were let through and refused. */
  state(): ReturnType<StreamLimits['state']>;
};

export function createKinesis(
  template: Template,
  { clock, dataFolder, onLoss }: Pick<ServiceContext, 'clock' | 'dataFolder' | 'onLoss'>,
): Kinesis {
  const engine = new KinesisEngine(dataFolder, { clock, onLoss });
  const limits = createStreamLimits(clock, engine);
  const streamNames = template.resources('AWS::Kinesis::Stream').map(({ name }) => name);
  return {
    name: 'kinesis',
    destination: { engine },
    steps: [limits.step, createIteratorsByTime(engine)],
    phases: {
      engines: [engine],
      resources: [once('the streams', () => createStreams(template, engine.endpoint))],
    },
    state: () => limits.state(streamNames),
  };
}
