// The alarms of the template, read as they are defined. What the twin would judge wrongly is an error that names the
// alarm and the property.

import { isJsonRecord, type JsonRecord } from '../../../core/json-record.ts';
import type { Resource, Template } from '../../../template/template.ts';
import { DataQueries, type DataQuery, secondsPerMinute } from '../math/data-queries.ts';
import type { MetricIdentity, MetricStore } from '../store/metric-store.ts';
import { type AlarmRule, readAlarmRule } from './alarm-rule.ts';
import { type MissingDataRule, missingDataRules } from './missing-data.ts';

type Common = {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly actionsEnabled: boolean;
  /** ARNs of what is told, by the state that the alarm comes to. */
  readonly actions: {
    readonly ALARM: readonly string[];
    readonly OK: readonly string[];
    readonly INSUFFICIENT_DATA: readonly string[];
  };
  /** As the template has them, for DescribeAlarms. */
  readonly properties: JsonRecord;
};

export type MetricAlarm = Common & {
  readonly kind: 'metric';
  readonly queries: DataQueries;
  /** Of the query whose line is judged. */
  readonly queryId: string;
  readonly periodMinutes: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly comparison: string;
  readonly isBreaching: (value: number) => boolean;
  readonly threshold: number;
  readonly missingData: MissingDataRule;
};

export type CompositeAlarm = Common & { readonly kind: 'composite'; readonly rule: AlarmRule };

export type AlarmDefinition = MetricAlarm | CompositeAlarm;

export class AlarmNotModelled extends Error {
  override readonly name = 'AlarmNotModelled';
}

const comparisons: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** In an order in which each composite alarm comes after those that it asks. */
export function readAlarms(template: Template, store: MetricStore): readonly AlarmDefinition[] {
  const metric = template
    .resources('AWS::CloudWatch::Alarm')
    .map((resource) => named(resource, () => readMetricAlarm(resource, store)));
  const composite = template
    .resources('AWS::CloudWatch::CompositeAlarm')
    .map((resource) => named(resource, () => readCompositeAlarm(resource)));
  const all: readonly AlarmDefinition[] = [...metric, ...inOrder(composite)];
  const names = new Set(all.map(({ name }) => name));
  for (const { name, rule } of composite)
    for (const asked of rule.names)
      if (!names.has(asked))
        throw new AlarmNotModelled(`${name} asks for the alarm ${asked}, which is not there.`);
  return all;
}

function named<T>({ logicalId }: Resource, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new AlarmNotModelled(`${logicalId}: ${(error as Error).message}`, { cause: error });
  }
}

function readMetricAlarm(resource: Resource, store: MetricStore): MetricAlarm {
  const { properties } = resource;
  const comparison = String(properties.ComparisonOperator);
  const compare = comparisons[comparison];
  if (compare === undefined)
    throw new AlarmNotModelled(`The local twin does not know the ComparisonOperator ${comparison}.`);
  if (properties.EvaluateLowSampleCountPercentile !== undefined)
    throw new AlarmNotModelled('The local twin does not know EvaluateLowSampleCountPercentile.');
  const missingData = (properties.TreatMissingData ?? 'missing') as MissingDataRule;
  if (!missingDataRules.includes(missingData))
    throw new AlarmNotModelled(
      `TreatMissingData is ${String(missingData)}, and not one of ${missingDataRules.join(', ')}.`,
    );
  const given = properties.Metrics as readonly unknown[] | undefined;
  const list = given === undefined ? [queryOfProperties(properties)] : given.map(readDataQuery);
  const queries = new DataQueries(list, store);
  const [judged, ...others] = list.filter(({ returnData }) => returnData);
  if (judged === undefined || others.length > 0)
    throw new AlarmNotModelled('Metrics has to have exactly one member with ReturnData.');
  const threshold = Number(properties.Threshold);
  const evaluationPeriods = Number(properties.EvaluationPeriods);
  return {
    kind: 'metric',
    ...common(resource),
    queries,
    queryId: judged.id,
    periodMinutes: queries.periodSecondsOf(judged.id) / secondsPerMinute,
    evaluationPeriods,
    datapointsToAlarm: Number(properties.DatapointsToAlarm ?? evaluationPeriods),
    comparison,
    isBreaching: (value) => compare(value, threshold),
    threshold,
    missingData,
  };
}

function readCompositeAlarm(resource: Resource): CompositeAlarm {
  const { properties } = resource;
  if (properties.ActionsSuppressor !== undefined)
    throw new AlarmNotModelled(
      'The local twin does not know ActionsSuppressor: it would act where AWS does not.',
    );
  return { kind: 'composite', ...common(resource), rule: readAlarmRule(String(properties.AlarmRule)) };
}

function common(resource: Resource): Common {
  const { name, properties } = resource;
  const arns = (key: string) => ((properties[key] ?? []) as readonly unknown[]).map(String);
  return {
    name,
    arn: resource.attribute('Arn'),
    description: String(properties.AlarmDescription ?? ''),
    actionsEnabled: String(properties.ActionsEnabled ?? true) !== 'false',
    actions: {
      ALARM: arns('AlarmActions'),
      OK: arns('OKActions'),
      INSUFFICIENT_DATA: arns('InsufficientDataActions'),
    },
    properties,
  };
}

function queryOfProperties(properties: JsonRecord): DataQuery {
  return {
    id: 'm1',
    returnData: true,
    metric: {
      ...identityOf(properties),
      statistic: String(properties.ExtendedStatistic ?? properties.Statistic),
      periodSeconds: Number(properties.Period),
    },
  };
}

/** A member of `Metrics`, or of `MetricDataQueries`. */
export function readDataQuery(given: unknown): DataQuery {
  const { Id, Label, ReturnData = true, Expression, MetricStat, Period } = recordOf(given);
  if (Expression === undefined && MetricStat === undefined)
    throw new AlarmNotModelled('A query has neither MetricStat nor Expression.');
  const query = {
    id: String(Id),
    returnData: String(ReturnData) !== 'false',
    ...(Label !== undefined && { label: String(Label) }),
  };
  if (MetricStat === undefined)
    return {
      ...query,
      expression: String(Expression),
      ...(Period !== undefined && { periodSeconds: Number(Period) }),
    };
  const stat = recordOf(MetricStat);
  return {
    ...query,
    metric: {
      ...identityOf(recordOf(stat.Metric)),
      statistic: String(stat.Stat),
      periodSeconds: Number(stat.Period),
    },
  };
}

export function identityOf({ Namespace, MetricName, Dimensions }: JsonRecord): MetricIdentity {
  const dimensions = ((Dimensions ?? []) as readonly unknown[]).map((each) => {
    const { Name, Value } = recordOf(each);
    return [String(Name), String(Value)] as const;
  });
  return {
    namespace: String(Namespace),
    name: String(MetricName),
    dimensions: Object.fromEntries(dimensions),
  };
}

function inOrder(alarms: readonly CompositeAlarm[]): readonly CompositeAlarm[] {
  const ordered: CompositeAlarm[] = [];
  const place = (alarm: CompositeAlarm, above: readonly string[]) => {
    if (above.includes(alarm.name))
      throw new AlarmNotModelled(`${alarm.name} depends on its own state: ${above.join(' → ')}.`);
    if (ordered.includes(alarm)) return;
    for (const asked of alarms) if (alarm.rule.names.has(asked.name)) place(asked, [...above, alarm.name]);
    ordered.push(alarm);
  };
  for (const alarm of alarms) place(alarm, []);
  return ordered;
}

const recordOf = (value: unknown): JsonRecord => (isJsonRecord(value) ? value : {});
