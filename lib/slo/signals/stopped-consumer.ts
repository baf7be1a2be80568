// A consumer that has stopped. Its lag does not show it: Lambda measures the age of a record only when it hands one over.

import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { type ConsumerVerb, streamsOfStage } from '../../stage/stage-settings.ts';
import { publishedMetric } from '../published-metric.ts';
import {
  type Consumers,
  functionMetric,
  inFilledMinutes,
  inPeriods,
  mathOf,
  type Signal,
  sumOf,
} from './signal.ts';

const minutes = 5;
/** Where data are missing, CloudWatch also looks at about two periods before them. So it rings after three to five minutes. */
const silentMinutes = 3;
const sum = { statistic: 'Sum' };

/** An empty poll counts too. */
const pollsOf = (mapping: IEventSourceMapping): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'PolledEventCount',
    dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
    statistic: 'SampleCount',
  });

const stopped = (of: keyof Consumers, verb: ConsumerVerb, severity: Signal['severity']): Signal => ({
  id: `${of}Stopped`,
  name: of === 'live' ? 'stopped-consumer' : `stopped-${of}-consumer`,
  runbook: 'stopped-consumer',
  title: `Polls for ${verb}`,
  unit: 'polls a minute',
  severity,
  what: `For ${silentMinutes} minutes, nobody polls the stream for ${verb}: its mapping is disabled, or cannot read.`,
  watch: ({ consumers }) => {
    const consumer = consumers[of];
    return (
      consumer && {
        metric: pollsOf(consumer.mapping).with({ period: Duration.minutes(1) }),
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        threshold: 1,
        ...inPeriods(silentMinutes),
        // A mapping that does not poll publishes nothing.
        treatMissingData: TreatMissingData.BREACHING,
      }
    );
  },
});

export const stoppedConsumers: readonly Signal[] = [
  stopped('live', 'consume', 'page'),
  stopped('priority', 'consume-priority', 'page'),
  // Nobody waits for a backfill.
  stopped('late', 'consume-late', 'ticket'),
];

/** The least polled of its mappings. While it stops, nothing is missing in the ledger, whatever is lost. */
export const stoppedTally: Signal = {
  id: 'tallyStopped',
  name: 'stopped-tally',
  runbook: 'stopped-consumer',
  title: 'Polls for tally',
  unit: 'polls in 5 minutes',
  severity: 'ticket',
  what: `For ${3 * minutes} minutes, nobody polls a stream for tally: the ledger does not see what is accepted.`,
  watch: ({ tally }) => {
    const polls = Object.fromEntries(tally.map((mapping, index) => [`mapping${index}`, pollsOf(mapping)]));
    const least = Object.keys(polls).map((id) => `FILL(${id}, 0)`);
    return {
      metric: mathOf(
        'polls',
        minutes,
        least.length > 1 ? `MIN([${least.join(', ')}])` : least.join(''),
        polls,
      ),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      ...inPeriods(3),
      // A mapping that does not poll publishes nothing.
      treatMissingData: TreatMissingData.BREACHING,
    };
  },
};

/** The probe sends an event a minute, so that there is something to store in a quiet night too. */
export const nothingStored: Signal = {
  id: 'nothingStored',
  name: 'nothing-stored',
  runbook: 'stopped-consumer',
  title: 'Events are accepted, and none has an outcome',
  unit: '1 if so',
  severity: 'page',
  what: `In each of ${minutes} minutes events were accepted, and none was stored, known, quarantined or dropped.`,
  watch: ({ stage }) => {
    const outcomes = {
      stored: publishedMetric(stage, 'consume', 'storedEvents', sum),
      duplicate: publishedMetric(stage, 'consume', 'duplicateEvents', sum),
      conflicting: publishedMetric(stage, 'consume', 'conflictingEvents', sum),
      quarantined: publishedMetric(stage, 'consume', 'quarantinedEvents', sum),
      deadLettered: publishedMetric(stage, 'consume', 'deadLetteredRecords', sum),
      dropped: publishedMetric(stage, 'consume', 'droppedRecords', sum),
    };
    const ended = Object.keys(outcomes).map((id) => `FILL(${id}, 0)`);
    return {
      metric: mathOf('nothing stored', 1, `IF(accepted > 0 AND ${ended.join(' + ')} == 0, 1, 0)`, {
        accepted: publishedMetric(stage, 'ingest', 'acceptedEvents', sum),
        ...outcomes,
      }),
      threshold: 0,
      ...inFilledMinutes(minutes),
      // No data means that nothing was accepted.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };
  },
};

export const consumerThrottles: Signal = {
  id: 'consumerThrottles',
  name: 'consumer-throttles',
  runbook: 'stopped-consumer',
  title: 'Throttles of consumers',
  unit: 'invocations a minute',
  severity: 'ticket',
  what: `For ${minutes} minutes, Lambda throttles a consumer: it has fewer instances than its stream has lanes.`,
  watch: ({ stage }) => ({
    metric: sumOf(
      'throttles',
      Object.fromEntries(
        streamsOfStage(stage).map(({ verb }, index) => [
          `consumer${index}`,
          functionMetric(stage, verb, 'Throttles'),
        ]),
      ),
    ).with({ period: Duration.minutes(1) }),
    threshold: 0,
    ...inFilledMinutes(minutes),
    // No data means no invocation.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
