// An objective that is missed over its whole window. An alarm looks back seven days at most, so review says it each hour.

import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { floorOfBad, objectives } from '../../../domain/service-levels/objectives.ts';
import { inWords } from '../indicators.ts';
import { publishedOfObjective } from '../published-metric.ts';
import { inPeriods, type Signal } from './signal.ts';

/** Events that are lost have an alarm of their own, within the hour. */
const attained = objectives.filter(({ indicator }) => indicator.kind !== 'ledger');

export const attainments: readonly Signal[] = attained.map(({ name, title, targetPercent, windowHours }) => ({
  id: `attainment-${name}`,
  name: `attainment-${name}`,
  runbook: 'attainment',
  title: `${title}: missed over ${inWords(windowHours * 60)}`,
  unit: '1 if so',
  severity: 'page',
  what:
    `${title}: less than ${targetPercent} % were good over ${inWords(windowHours * 60)}, and at least ${floorOfBad.long} ` +
    'were bad. The budget is used up.',
  watch: ({ stage }) =>
    stage.alarms === true
      ? {
          metric: publishedOfObjective(stage, name, 'objectiveMissed', {
            statistic: Stats.MAXIMUM,
            period: Duration.hours(1),
          }),
          threshold: 0,
          ...inPeriods(1),
          // What was attained does not change because nobody computed it.
          treatMissingData: TreatMissingData.IGNORE,
        }
      : undefined,
}));
