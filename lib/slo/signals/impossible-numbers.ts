// Numbers that cannot be. Whoever counts wrongly makes every other alarm worthless, and none of them would say so.

import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { indicatorOf } from '../../../domain/service-levels/indicators.ts';
import { type Objective, objectives } from '../../../domain/service-levels/objectives.ts';
import { streamsOfStage } from '../../stage/stage-settings.ts';
import { toMetric } from '../indicators.ts';
import { publishedMetric } from '../published-metric.ts';
import { functionMetric, inPeriods, mathOf, type Signal } from './signal.ts';

// No data means that nothing was counted, so nothing wrongly.
const treatMissingData = TreatMissingData.NOT_BREACHING;

/** One line of a log holds both, so that neither comes without the other, nor in another minute. */
const moreGoodThanAll = (objective: Objective): Signal => ({
  id: `impossible-${objective.name}`,
  name: `impossible-${objective.name}`,
  runbook: 'impossible-numbers',
  title: `${objective.title}: more good than there are`,
  unit: 'too many',
  severity: 'ticket',
  what: `${objective.title}: more were counted as good than were counted at all.`,
  watch: ({ stage, api }) => {
    const { metrics, bad } = indicatorOf(objective, { stage: stage.name, api });
    const usingMetrics = Object.fromEntries(Object.entries(metrics).map(([id, of]) => [id, toMetric(of)]));
    return {
      metric: mathOf('good beyond all', 5, `0 - (${bad})`, usingMetrics),
      threshold: 0,
      ...inPeriods(1),
      treatMissingData,
    };
  },
});

/** A share and a floor: what was accepted at the end of an hour is stored in the next one. */
const margin = { share: 1.1, events: 100 } as const;
const hours = 3;

/**
 * Only while no record waits for longer than a minute, because a backlog is stored in another hour than it was accepted in.
 * Not what settle stores: it was accepted days ago.
 */
const moreStoredThanAccepted: Signal = {
  id: 'impossibleStored',
  name: 'impossible-stored',
  runbook: 'impossible-numbers',
  title: 'More events stored than accepted',
  unit: '1 if so',
  severity: 'ticket',
  what: `In each of ${hours} hours, more events were stored than accepted, though none waited.`,
  watch: ({ stage }) => {
    const ages = Object.fromEntries(
      streamsOfStage(stage).map(({ verb }, index) => [
        `age${index}`,
        functionMetric(stage, verb, 'IteratorAge', { statistic: 'Maximum' }),
      ]),
    );
    const oldest = `MAX([${Object.keys(ages)
      .map((id) => `FILL(${id}, 0)`)
      .join(', ')}])`;
    return {
      metric: mathOf(
        'stored beyond accepted',
        60,
        `IF(${oldest} < 60000 AND FILL(stored, 0) > ${margin.share} * accepted + ${margin.events}, 1, 0)`,
        {
          ...ages,
          stored: publishedMetric(stage, 'consume', 'storedEvents', { statistic: 'Sum' }),
          accepted: publishedMetric(stage, 'ingest', 'acceptedEvents', { statistic: 'Sum' }),
        },
      ),
      threshold: 0,
      ...inPeriods(hours),
      treatMissingData,
    };
  },
};

export const impossibleNumbers: readonly Signal[] = [
  ...objectives.filter(({ indicator }) => indicator.kind === 'counted').map(moreGoodThanAll),
  moreStoredThanAccepted,
];
