// Kinesis: the streams of the template in an engine on a thread of its own, with the limits that AWS sets to shards.

import { once, type Service, type ServiceContext } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { KinesisEngine } from './engine.ts';
import { createHoldsRecord, type HoldsRecord } from './holds-record.ts';
import { createIteratorsByTime } from './iterators-by-time.ts';
import { createStreamLimits, type StreamLimits } from './stream-limits/stream-limits.ts';
import { createStreams } from './streams.ts';

export type Kinesis = Service & {
  /** By stream and open shard: what writes were let through and refused. */
  state(): ReturnType<StreamLimits['state']>;
  readonly holdsRecord: HoldsRecord;
};

const reads = /^(Get|List|Describe)\w+$/;

export function createKinesis(
  template: Template,
  { clock, dataFolder, marks, onLoss }: Pick<ServiceContext, 'clock' | 'dataFolder' | 'marks' | 'onLoss'>,
): Kinesis {
  const engine = new KinesisEngine(dataFolder, { clock, marks, onLoss });
  const limits = createStreamLimits(clock, engine);
  const streamNames = template.resources('AWS::Kinesis::Stream').map(({ name }) => name);
  return {
    name: 'kinesis',
    destination: { engine },
    steps: [
      limits.step,
      createIteratorsByTime(engine),
      async (call, next) => {
        const answer = await next(call);
        if (call.service === 'kinesis' && answer.status === 200 && !reads.test(call.operation))
          engine.written();
        return answer;
      },
    ],
    phases: {
      engines: [engine],
      resources: [
        once('the streams', async () => {
          await createStreams(template, engine.endpoint);
          engine.written();
        }),
      ],
    },
    state: () => limits.state(streamNames),
    holdsRecord: createHoldsRecord(engine, clock),
  };
}
