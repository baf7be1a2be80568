// A metric that a function of ours publishes, as an alarm or a graph reads it.

import { type IMetric, MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { dimensionsOf } from '../../domain/service-levels/dimensions.ts';
import { type MetricOf, metricNamespaceOf, type Publisher } from '../../domain/service-levels/metrics.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

type Reading = { readonly statistic: string } & Pick<MetricOptions, 'period' | 'label'>;

/** Only what the function publishes compiles. Published by tier, it is the sum over all tiers. */
export function publishedMetric<Of extends Publisher>(
  stage: StageSettings,
  publisher: Of,
  metricName: MetricOf<Of>,
  reading: Reading,
): IMetric {
  const metrics = dimensionsOf(publisher).map(
    (dimensionsMap) =>
      new Metric({ namespace: metricNamespaceOf(stage.name), metricName, dimensionsMap, ...reading }),
  );
  const [only] = metrics;
  if (metrics.length === 1 && only !== undefined) return only;
  const ids = metrics.map((_, index) => `${metricName}_${publisher}${index}`);
  return new MathExpression({
    expression: ids.map((id) => `FILL(${id}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(ids.map((id, index) => [id, metrics[index] as Metric])),
    ...reading,
  });
}

/** As review publishes it, once for each objective. */
export function publishedOfObjective(
  stage: StageSettings,
  objective: string,
  metricName: MetricOf<'review'>,
  reading: Reading,
): IMetric {
  const dimensionsMap = dimensionsOf('review').find((each) => each.objective === objective);
  if (!dimensionsMap) throw new Error(`Review publishes nothing of the objective ${objective}.`);
  return new Metric({ namespace: metricNamespaceOf(stage.name), metricName, dimensionsMap, ...reading });
}
