import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dimensionsOf } from '../../../domain/service-levels/dimensions.ts';
import {
  failedRequestsMetric,
  type MetricName,
  metricNamespaceOf,
  published,
} from '../../../domain/service-levels/metrics.ts';
import { floorOfBad, objectives, pairsOf, type Severity } from '../../../domain/service-levels/objectives.ts';
import { functionVerbs } from '../../../domain/system/stage-names.ts';
import { alarmIdentities } from '../../../lib/slo/alarm-names.ts';
import { publishedMetric } from '../../../lib/slo/published-metric.ts';
import { signals } from '../../../lib/slo/signals/signals.ts';
import { only, type Resource, resourcesOf, stageNamed, synthesize, wholeStage } from '../synthesize.ts';

const { stateless } = synthesize(wholeStage);
const alarms = resourcesOf(stateless, 'AWS::CloudWatch::Alarm');
const composites = resourcesOf(stateless, 'AWS::CloudWatch::CompositeAlarm');
const canRing = ({ Properties }: Resource) => Properties.AlarmActions;
const ringing: readonly Resource[] = [...alarms, ...composites].filter(canRing);

const root = join(import.meta.dirname, '..', '..', '..');
const halfOfPair = /-(long|short)$/;

function named(name: string): Resource {
  return only(
    [...alarms, ...composites].filter(({ Properties }) => Properties.AlarmName === `weir-dev-${name}`),
  );
}

function topicOf(alarm: Resource): string {
  return only<{ Ref: string }>(alarm.Properties.AlarmActions).Ref;
}

/** Computes a metric expression of the few functions that these alarms use, for one point in time. */
function evaluate(expression: string, values: Readonly<Record<string, number | undefined>>): number {
  const javascript = expression.replaceAll('IF(', 'choose(').replaceAll('FILL(', 'fill(');
  const names = Object.keys(values);
  const compute = new Function('choose', 'fill', ...names, `return ${javascript}`);
  return compute(
    (condition: boolean, yes: number, no: number) => (condition ? yes : no),
    (value: number | undefined, otherwise: number) => value ?? otherwise,
    ...names.map((name) => values[name]),
  );
}

type Query = {
  Id: string;
  Expression?: string;
  MetricStat?: { Period: number; Stat: string; Metric: Metric };
};
type Metric = { MetricName: string; Dimensions: { Name: string; Value: string }[] };

function burnOf(name: string, value: (metric: string, route: string) => number | undefined): number {
  const queries: Query[] = named(name).Properties.Metrics;
  const values = Object.fromEntries(
    queries.flatMap(({ Id, MetricStat }) => {
      if (MetricStat === undefined) return [];
      const of = (dimension: string) =>
        MetricStat.Metric.Dimensions?.find(({ Name }) => Name === dimension)?.Value ?? '';
      return [[Id, value(MetricStat.Metric.MetricName, `${of('Method')} ${of('Resource')}`.trim())]];
    }),
  );
  return evaluate(queries.find(({ Expression }) => Expression)?.Expression ?? '', values);
}

describe('every alarm', () => {
  it.each(alarms.map(({ Properties }) => Properties))('$AlarmName says what missing data means', (alarm) => {
    expect(['notBreaching', 'breaching', 'ignore']).toContain(alarm.TreatMissingData);
  });

  it.each([...alarms, ...composites].map(({ Properties }) => Properties))(
    '$AlarmName names a severity and a runbook that is there',
    ({ AlarmDescription }) => {
      const [, severity, runbook = ''] =
        /Severity: (page|ticket)\. Runbook: (\S+)$/.exec(AlarmDescription) ?? [];

      expect(severity).toBeDefined();
      expect(existsSync(join(root, runbook)), runbook).toBe(true);
    },
  );

  it('that can ring is in the list of alarms, and each of the list can ring', () => {
    const names = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']
      .flatMap((type) => resourcesOf(stateless, type).filter(canRing))
      .map(({ Properties }) => Properties.AlarmName.replace('weir-dev-', ''));

    expect(names.sort()).toEqual(alarmIdentities.map(({ name }) => name).sort());
  });

  it('rings at the topic of its severity', () => {
    const topics = new Map<Severity, Set<string>>();
    for (const alarm of ringing) {
      const severity = /Severity: (page|ticket)/.exec(alarm.Properties.AlarmDescription)?.[1] as Severity;
      topics.set(severity, (topics.get(severity) ?? new Set()).add(topicOf(alarm)));
    }

    expect([...(topics.get('page') ?? [])]).toEqual([expect.stringContaining('TopicsPage')]);
    expect([...(topics.get('ticket') ?? [])]).toEqual([expect.stringContaining('TopicsTicket')]);
  });

  it('looks back no further and at no more metrics than CloudWatch allows', () => {
    for (const { Properties } of alarms) {
      const queries: Query[] = Properties.Metrics ?? [];
      const seconds = Properties.Period ?? queries.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period;
      expect(seconds * Properties.EvaluationPeriods).toBeLessThanOrEqual(
        (seconds >= 3600 ? 7 : 1) * 24 * 3600,
      );
      expect(queries.filter(({ MetricStat }) => MetricStat).length).toBeLessThanOrEqual(10);
    }
  });
});

it('an alarm by the minute that fills what is missing does not wait for the latest minute', () => {
  const filled = alarms.filter(({ Properties }) => {
    const queries: readonly (Query & { readonly Expression?: string })[] = Properties.Metrics ?? [];
    return (
      queries.some(({ MetricStat }) => MetricStat?.Period === 60) &&
      queries.some(({ Expression }) => Expression?.includes('FILL('))
    );
  });

  expect(filled.map(({ Properties }) => Properties.AlarmName)).toContain('weir-dev-nothing-stored');
  for (const { Properties } of filled)
    expect(Properties.EvaluationPeriods, Properties.AlarmName).toBeGreaterThanOrEqual(
      Properties.DatapointsToAlarm + 2,
    );
});

describe('metrics of our functions', () => {
  const name = metricNamespaceOf('dev');
  type Watched = {
    Namespace: string;
    MetricName: MetricName | typeof failedRequestsMetric;
    Dimensions?: { Name: string; Value: string }[];
  };
  const watched: Watched[] = alarms.flatMap(({ Properties }) => [
    Properties as Watched,
    ...((Properties.Metrics ?? []) as { MetricStat?: { Metric: Watched } }[]).flatMap(
      ({ MetricStat }) => MetricStat?.Metric ?? [],
    ),
  ]);
  // Failed answers have dimensions of their own: test/infra/deploys judges the alarms on them.
  const ours = watched.filter(
    ({ Namespace, MetricName }) => Namespace === name && MetricName !== failedRequestsMetric,
  );

  it('are watched by alarms at all, so that this suite looks at something', () => {
    expect(ours.length).toBeGreaterThan(4);
  });

  it.each(ours)('$MetricName is watched under dimensions that a function publishes', (metric) => {
    const dimensions = Object.fromEntries((metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
    const publishers = (Object.keys(published) as (keyof typeof published)[]).filter((verb) =>
      (published[verb].metrics as readonly string[]).includes(metric.MetricName),
    );

    expect(publishers.flatMap(dimensionsOf)).toContainEqual(dimensions);
  });

  it('published by tier are watched as the sum over all tiers', () => {
    const metric = publishedMetric(stageNamed('dev'), 'ingest', 'breakerOpenings', { statistic: 'Sum' });

    const { mathExpression } = metric.toMetricConfig();
    expect(mathExpression?.expression).toBe(
      'FILL(breakerOpenings_ingest0, 0) + FILL(breakerOpenings_ingest1, 0) + FILL(breakerOpenings_ingest2, 0)',
    );
    const tiers = Object.values(mathExpression?.usingMetrics ?? {}).map(
      (each) => each.toMetricConfig().metricStat?.dimensions,
    );
    expect(tiers).toEqual(
      ['standard', 'enterprise', 'custom'].map((tier) => [
        { name: 'endpoint', value: 'ingest' },
        { name: 'tier', value: tier },
      ]),
    );
  });
});

describe('a burning budget', () => {
  const pairs = objectives.flatMap((objective) => pairsOf(objective).map((pair) => ({ objective, pair })));

  it.each(pairs)('of $objective.name rings when both windows burn at $pair.rate', ({ objective, pair }) => {
    const name = `${objective.name}-burn-${pair.name}`;
    const halves = { long: pair.longMinutes, short: pair.shortMinutes };
    const rule = JSON.stringify(named(name).Properties.AlarmRule);

    for (const [half, minutes] of Object.entries(halves)) {
      const alarm = named(`${name}-${half}`);
      const floor = floorOfBad[half as keyof typeof floorOfBad];
      const expression = (alarm.Properties.Metrics as Query[]).find(
        ({ Expression }) => Expression,
      )?.Expression;
      expect(expression).toContain(`>= ${floor}, `);
      expect(alarm.Properties).toMatchObject({
        Threshold: pair.rate,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      });
      const periods = (alarm.Properties.Metrics as Query[]).flatMap(
        ({ MetricStat }) => MetricStat?.Period ?? [],
      );
      expect(new Set(periods)).toEqual(new Set([minutes * 60]));
      expect(alarm.Properties).not.toHaveProperty('AlarmActions');
      expect(rule).toContain((alarm as Resource & { logicalId: string }).logicalId);
    }
    expect(rule).toContain(' AND ');
  });

  it('is counted from the 5xx of ingest and from what is shed: 1.44 % is the threshold of 99.9 %', () => {
    const counts: Record<string, number> = { ingestRequests: 10_000, ingestFailures: 84, shedRequests: 20 };

    // In each of three tiers.
    expect(burnOf('ingest-availability-burn-60m-long', (metric) => counts[metric])).toBeCloseTo(14.4);
    const unshed: typeof counts = { ...counts, ingestFailures: 144 };
    expect(
      burnOf('ingest-availability-burn-60m-long', (metric) =>
        metric === 'shedRequests' ? undefined : unshed[metric],
      ),
    ).toBeCloseTo(14.4);
  });

  it('is counted from what came later than 500 ms: 14.4 % of requests is the threshold of 99 %', () => {
    const burn = burnOf('ingest-latency-burn-60m-short', (metric) => (metric === 'Count' ? 1000 : 85.6));
    const stat = (named('ingest-latency-burn-60m-short').Properties.Metrics as Query[]).flatMap(
      ({ MetricStat }) => (MetricStat?.Metric.MetricName === 'Latency' ? [MetricStat.Stat] : []),
    );

    expect(stat).toEqual(['PR(:500)']);
    expect(burn).toBeCloseTo(14.4);
  });

  it('of reading is counted from requests to read: 1 % of failures is ten times the budget of 0.1 %', () => {
    const counts: Record<string, number> = { readRequests: 1000, readFailures: 10 };

    expect(burnOf('read-availability-burn-60m-long', (metric) => counts[metric])).toBeCloseTo(10);
  });

  it('Pyrra #1925: one failure of the three requests of a quiet night burns nothing', () => {
    for (const [pair, kind] of [
      ['read-availability', 'read'],
      ['ingest-availability', 'ingest'],
    ])
      for (const half of ['60m-long', '60m-short', '6h-long', '6h-short'])
        expect(
          burnOf(
            `${pair}-burn-${half}`,
            (metric) => ({ [`${kind}Requests`]: 3, [`${kind}Failures`]: 1 })[metric],
          ),
        ).toBe(0);
  });

  it.each(alarms.map(({ Properties }) => Properties.AlarmName).filter((name) => halfOfPair.test(name)))(
    'does not burn without requests: %s',
    (name) => {
      expect(burnOf(name.replace('weir-dev-', ''), () => 0)).toBe(0);
    },
  );
});

describe('signals', () => {
  it('ring when records wait longer than a minute for five minutes, and hold their verdict over silence', () => {
    expect(named('stream-lag').Properties).toMatchObject({
      Threshold: 60_000,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 5,
      TreatMissingData: 'ignore',
    });
    expect(named('stream-lag').Properties).toMatchObject({
      MetricName: 'IteratorAge',
      Statistic: 'Maximum',
      Period: 60,
    });
  });

  it('ring when the consumer keeps records for five minutes: an unavailable dependency is no error of it', () => {
    expect(named('held-records').Properties).toMatchObject({
      Namespace: 'Weir/dev',
      MetricName: 'heldRecords',
      Dimensions: [{ Name: 'endpoint', Value: 'consume' }],
      Period: 60,
      EvaluationPeriods: 5,
      Threshold: 0,
      TreatMissingData: 'notBreaching',
    });
  });

  it('ring when a record leaves the stream without being stored, whether the bucket took it or not', () => {
    const { Properties } = named('dead-letters');

    expect(Properties).toMatchObject({ Threshold: 0, TreatMissingData: 'notBreaching' });
    const text = JSON.stringify(Properties.Metrics);
    for (const metric of [
      'OnFailureDestinationDeliveredEventCount',
      'DroppedEventCount',
      'DestinationDeliveryFailures',
    ]) {
      expect(text).toContain(metric);
    }
    expect(text).toMatch(/EventSourceMappingUUID","Value":\{"Ref":"ConsumerMapping/);
    expect(text).toMatch(/EventSourceMappingUUID","Value":\{"Ref":"LateConsumerMapping/);
  });

  type Metrics = readonly { Expression?: string; MetricStat?: { Metric: object; Period: number } }[];
  const metricsOf = (alarm: string) => named(alarm).Properties.Metrics as Metrics;

  it('ring when a record is quarantined, by the consumer or by settle, or its automatic replays are used up', () => {
    const metrics = metricsOf('quarantine');

    expect(named('quarantine').Properties).toMatchObject({ Threshold: 0, TreatMissingData: 'notBreaching' });
    expect(metrics.flatMap(({ Expression = [] }) => Expression)).toEqual([
      'FILL(consume, 0) + FILL(settle, 0) + FILL(abandoned, 0)',
    ]);
    expect(metrics.flatMap(({ MetricStat = [] }) => MetricStat)).toEqual(
      [
        ['quarantinedRecords', 'consume'],
        ['quarantinedRecords', 'settle'],
        ['abandonedRecords', 'settle'],
      ].map(([MetricName, endpoint]) => ({
        Metric: {
          Namespace: 'Weir/dev',
          MetricName,
          Dimensions: [{ Name: 'endpoint', Value: endpoint }],
        },
        Period: 300,
        Stat: 'Sum',
      })),
    );
  });

  it('ring when a function fails that no request waits for, or a sweep leaves something undone', () => {
    expect(named('consumer-errors').Properties).toMatchObject({
      Threshold: 0,
      TreatMissingData: 'notBreaching',
    });
    const queries: Query[] = named('consumer-errors').Properties.Metrics;
    const watched = queries.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
    const functions = watched.flatMap(({ MetricName, Dimensions }) =>
      MetricName === 'Errors' ? Dimensions.map(({ Value }) => Value) : [],
    );
    const answering = ['authorize', 'ingest', 'manage', 'probe', 'read'];
    expect([...functions, ...answering.map((verb) => `weir-dev-${verb}`)].toSorted()).toEqual(
      functionVerbs.map((verb) => `weir-dev-${verb}`).toSorted(),
    );
    expect(watched.map(({ MetricName }) => MetricName)).toContain('leftUndone');
  });

  it('ring when the ledger is off by a single event, as the report function publishes it', () => {
    expect(named('ledger-imbalance').Properties).toMatchObject({
      Namespace: 'Weir/dev',
      MetricName: 'ledgerImbalance',
      Dimensions: [{ Name: 'endpoint', Value: 'report' }],
      Statistic: 'Maximum',
      Period: 900,
      Threshold: 0,
      TreatMissingData: 'ignore',
    });
  });
});

describe('topics', () => {
  it('let the alarms of this account publish, over TLS only', () => {
    const policies = resourcesOf(stateless, 'AWS::SNS::TopicPolicy').filter(({ Properties }) =>
      /Topics(Page|Ticket)/.test(JSON.stringify(Properties.Topics)),
    );

    expect(policies).toHaveLength(2);
    for (const { Properties } of policies) {
      expect(Properties.PolicyDocument.Statement).toEqual([
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        expect.objectContaining({
          Effect: 'Allow',
          Action: 'sns:Publish',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      ]);
    }
  });
});

describe('a stage with the alarms of signals only', () => {
  const tiny = synthesize(stageNamed('tiny')).stateless;
  const own = resourcesOf(tiny, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);

  it('has each of them, and they ring, without those of what it leaves out', () => {
    const leftOut = [
      ...[
        'late-lag',
        'priority-lag',
        'stopped-late-consumer',
        'stopped-priority-consumer',
        'blocked-addresses',
        'probe-failing',
      ],
      ...['ingestion-stopped', 'slow-ingest', 'slow-summaries', 'slow-searches'],
      ...signals.map(({ name }) => name).filter((name) => name.startsWith('attainment-')),
    ];
    const names = signals.flatMap(({ name }) => (leftOut.includes(name) ? [] : [`weir-tiny-${name}`]));
    expect(own.map(({ AlarmName }) => AlarmName)).toEqual(names);
    for (const { AlarmActions } of own) expect(AlarmActions).toHaveLength(1);
    tiny.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
  });

  it('has no metrics of methods, and nothing that reads them', () => {
    const { Properties } = only(resourcesOf(tiny, 'AWS::ApiGateway::Stage'));
    const methods: readonly { readonly MetricsEnabled: boolean }[] = Properties.MethodSettings;

    expect(methods.map(({ MetricsEnabled }) => MetricsEnabled)).toEqual(methods.map(() => false));
    for (const type of ['Alarm', 'Dashboard'])
      expect(JSON.stringify(resourcesOf(tiny, `AWS::CloudWatch::${type}`))).not.toContain('"Method"');
  });

  it('throttles public routes all the same', () => {
    const { Properties } = only(resourcesOf(tiny, 'AWS::ApiGateway::Stage'));

    expect(Properties.MethodSettings).toContainEqual(
      expect.objectContaining({ ResourcePath: '/~1health', ThrottlingRateLimit: 10 }),
    );
  });
});

describe('a stage that leaves alarms out', () => {
  it('has no alarm and no dashboard, and says why', () => {
    const emulator = stageNamed('emulator');
    const template = synthesize(emulator).stateless;

    expect(emulator.alarms).toMatchObject({ leftOut: true, reason: expect.stringContaining('composite') });
    for (const type of ['Alarm', 'CompositeAlarm', 'Dashboard'])
      template.resourceCountIs(`AWS::CloudWatch::${type}`, 0);
  });
});
