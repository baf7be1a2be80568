// What each signal makes of its metrics, computed from the expressions of the template for one point in time.

import { filterOf } from '@weir/twin/parts';
import { describe, expect, it } from 'vitest';
import { type Route, routes } from '../../../domain/api/routes.ts';
import { objectives } from '../../../domain/service-levels/objectives.ts';
import { objectiveOfRoute } from '../../../domain/service-levels/route-objectives.ts';
import { functionsOfStage } from '../../../lib/stage/stage-settings.ts';
import { only, resourcesOf, synthesize, wholeStage } from '../synthesize.ts';

const { stateless } = synthesize(wholeStage);
const alarms = resourcesOf(stateless, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
const named = (name: string) => only(alarms.filter(({ AlarmName }) => AlarmName === `weir-dev-${name}`));

type Stat = {
  readonly Stat: string;
  readonly Period: number;
  readonly Metric: {
    readonly MetricName: string;
    readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
  };
};
type Query = {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData?: boolean;
  readonly MetricStat?: Stat;
};
/** By the name of the metric, or by its name and statistic. What is missing has no data. */
type Values = Readonly<Record<string, number>>;

/** The few functions of metric math that alarms use. */
const math = {
  IF: (is: boolean, yes: number, no: number) => (is ? yes : no),
  FILL: (value: number | undefined, otherwise: number) => value ?? otherwise,
  MAX: (values: readonly number[]) => Math.max(...values),
};

function computedOf(name: string, values: Values): number {
  const queries: readonly Query[] = named(name).Metrics;
  const known = new Map<string, number | undefined>();
  const compute = ({ Id, Expression, MetricStat }: Query): number | undefined => {
    if (MetricStat) {
      const { MetricName } = MetricStat.Metric;
      return values[`${MetricName} ${MetricStat.Stat}`] ?? values[MetricName];
    }
    const script = (Expression ?? '').replaceAll(' AND ', ' && ');
    const ids = [...new Set(script.match(/\b[a-z]\w*\b/g))];
    for (const id of ids)
      if (!known.has(id)) known.set(id, compute(only(queries.filter((query) => query.Id === id))));
    const run = new Function(...Object.keys(math), ...ids, `return ${script}`);
    const result: number | undefined = run(...Object.values(math), ...ids.map((id) => known.get(id)));
    known.set(Id, result);
    return result;
  };
  return compute(only(queries.filter(({ ReturnData }) => ReturnData !== false))) ?? Number.NaN;
}

function rings(name: string, values: Values): boolean {
  const { Threshold, ComparisonOperator } = named(name);
  const value = computedOf(name, values);
  return ComparisonOperator === 'LessThanThreshold' ? value < Threshold : value > Threshold;
}

describe('a share of answers', () => {
  it.each([
    ['error-rate', '5XXError', 'Count', 100, 3],
    ['client-errors', '4XXError', 'Count', 100, 10],
    ['throttled', 'throttledAnswers', 'Count', 50, 10],
  ] as const)('rings %s above its limit, and never below its floor', (name, bad, total, inTotal, floor) => {
    const limit = named(name).Threshold / 100;

    expect(rings(name, { [bad]: floor, [total]: floor })).toBe(true);
    expect(rings(name, { [bad]: floor - 1, [total]: floor - 1 })).toBe(false);
    expect(rings(name, { [bad]: inTotal * 100 * limit, [total]: inTotal * 100 })).toBe(false);
    expect(rings(name, { [bad]: inTotal * 100 * limit + 1, [total]: inTotal * 100 })).toBe(true);
    expect(rings(name, {})).toBe(false);
  });

  it('of 401 rings above a hundred a minute, in three of five', () => {
    expect(named('unauthorized')).toMatchObject({
      MetricName: 'unauthorizedAnswers',
      Period: 60,
      Threshold: 100,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 3,
    });
  });
});

describe('slow answers', () => {
  it('ring at the percentile of the promise, once enough are slow', () => {
    const slow = { Count: 1000, 'Latency PR(:500)': 98, 'Latency p99': 501 };

    expect(rings('slow-ingest', slow)).toBe(true);
    expect(rings('slow-ingest', { ...slow, 'Latency p99': 500 })).toBe(false);
    expect(rings('slow-ingest', { ...slow, Count: 100 })).toBe(false);
    expect(rings('slow-ingest', {})).toBe(false);
  });

  it.each([
    ['slow-summaries', 300, 1000],
    ['slow-searches', 250, 500],
  ])('of %s ring at P95 over %i ms, or at P99 over %i ms', (name, p95, p99) => {
    const at = (over95: number, over99: number) =>
      rings(name, {
        Count: 1000,
        [`Latency PR(:${p95})`]: 90,
        'Latency p95': p95 + over95,
        'Latency p99': p99 + over99,
      });

    expect([at(0, 0), at(1, 0), at(0, 1)]).toEqual([false, true, true]);
  });
});

describe('ingestion that has stopped', () => {
  it('rings if batches come and none is accepted, whether they fail or not', () => {
    expect(rings('ingestion-stopped', { Count: 3 })).toBe(true);
    // In each of three tiers.
    expect(rings('ingestion-stopped', { Count: 3, acceptedEvents: 1 })).toBe(false);
  });

  it('does not ring for requests that are refused or known, nor in a quiet night', () => {
    expect(rings('ingestion-stopped', { Count: 100, '4XXError': 98 })).toBe(false);
    expect(rings('ingestion-stopped', { Count: 9, idempotencyReplays: 3 })).toBe(false);
    expect(rings('ingestion-stopped', { Count: 2 })).toBe(false);
    expect(rings('ingestion-stopped', {})).toBe(false);
  });
});

describe('a stopped consumer', () => {
  it.each(['stopped-consumer', 'stopped-priority-consumer', 'stopped-late-consumer'])(
    '%s rings when its mapping has not polled for three minutes, and silence is no comfort',
    (name) => {
      expect(named(name)).toMatchObject({
        MetricName: 'PolledEventCount',
        Statistic: 'SampleCount',
        ComparisonOperator: 'LessThanThreshold',
        Threshold: 1,
        Period: 60,
        EvaluationPeriods: 3,
        TreatMissingData: 'breaching',
      });
    },
  );

  it('rings when events are accepted and none has an outcome, and not while any has', () => {
    expect(rings('nothing-stored', { acceptedEvents: 1 })).toBe(true);
    expect(rings('nothing-stored', {})).toBe(false);
    for (const outcome of [
      'storedEvents',
      'duplicateEvents',
      'conflictingEvents',
      'quarantinedEvents',
      'deadLetteredRecords',
      'droppedRecords',
    ])
      expect(rings('nothing-stored', { acceptedEvents: 5, [outcome]: 1 })).toBe(false);
  });
});

describe('what runs by the clock', () => {
  it.each([
    ['settle', 5],
    ['report', 15],
  ])('rings when %s has not run twice, as it should every %i minutes', (verb, minutes) => {
    expect(named(`silent-${verb}`)).toMatchObject({
      Dimensions: [{ Name: 'FunctionName', Value: `weir-dev-${verb}` }],
      MetricName: 'Invocations',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Period: minutes * 60,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 2,
      TreatMissingData: 'breaching',
    });
  });

  it('rings when report runs and nothing of it arrives', () => {
    expect(rings('metrics-gone', { Invocations: 2 })).toBe(true);
    expect(rings('metrics-gone', { Invocations: 2, activeAccounts: 0 })).toBe(false);
    expect(rings('metrics-gone', {})).toBe(false);
  });

  it('rings when the probe failed or was silent three minutes in a row', () => {
    expect(named('probe-failing')).toMatchObject({
      MetricName: 'probeSucceeded',
      Dimensions: [{ Name: 'endpoint', Value: 'probe' }],
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Period: 60,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 3,
      TreatMissingData: 'breaching',
    });
  });

  it('rings when the ledger misses an event, or was not compared for 30 minutes', () => {
    expect(named('ledger-missing')).toMatchObject({
      Statistic: 'Maximum',
      Threshold: 0,
      Period: 30 * 60,
      TreatMissingData: 'breaching',
    });
  });
});

describe('numbers that cannot be', () => {
  it.each([
    ['summary-latency', 'summaryAnswers'],
    ['search-latency', 'searchAnswers'],
    ['freshness', 'measuredRecords', 'freshRecords'],
  ])('of %s ring when more are good than there are', (objective, total, good = `${total}InTime`) => {
    const name = `impossible-${objective}`;

    expect(rings(name, { [total]: 5, [good]: 6 })).toBe(true);
    expect(rings(name, { [total]: 6, [good]: 6 })).toBe(false);
    expect(rings(name, {})).toBe(false);
  });

  it('ring when more is stored than accepted, but not while a backlog is stored or an hour ends', () => {
    const stored = (storedEvents: number, age = 0) =>
      // Accepted in each of three tiers.
      rings('impossible-stored', { acceptedEvents: 1000, storedEvents, IteratorAge: age });

    expect([stored(3400), stored(3401), stored(10_000, 60_000)]).toEqual([false, true, false]);
    expect(named('impossible-stored')).toMatchObject({ EvaluationPeriods: 3, DatapointsToAlarm: 3 });
  });
});

it('duplicates ring above a fifth, and never below a hundred', () => {
  expect(rings('duplicates', { duplicateEvents: 100, storedEvents: 399 })).toBe(true);
  expect(rings('duplicates', { duplicateEvents: 100, storedEvents: 400 })).toBe(false);
  expect(rings('duplicates', { duplicateEvents: 99 })).toBe(false);
});

it('tables ring by their slowest call, and are silent without calls', () => {
  expect(rings('table-latency', { SuccessfulRequestLatency: 101 })).toBe(true);
  expect(rings('table-latency', {})).toBe(false);
});

it('each objective with a budget rings when it is missed over its window', () => {
  const missed = objectives.filter(({ name }) => name !== 'no-loss');

  expect(missed.map(({ name }) => named(`attainment-${name}`).Dimensions)).toEqual(
    missed.map(({ name }) => [
      { Name: 'endpoint', Value: 'review' },
      { Name: 'objective', Value: name },
    ]),
  );
  for (const { name } of missed)
    expect(named(`attainment-${name}`)).toMatchObject({
      MetricName: 'objectiveMissed',
      Threshold: 0,
      TreatMissingData: 'ignore',
    });
});

it('functions that alarms name are those of the stage', () => {
  const names = JSON.stringify(alarms).matchAll(/"Name":"FunctionName","Value":"weir-dev-([\w-]+)"/g);
  const known: readonly string[] = functionsOfStage(wholeStage);

  expect([...names].flatMap(([, name = '']) => (known.includes(name) ? [] : [name]))).toEqual([]);
});

describe('what only the access log knows', () => {
  const filters = resourcesOf(stateless, 'AWS::Logs::MetricFilter').map(({ Properties }) => ({
    metric: Properties.MetricTransformations[0].MetricName,
    namespace: Properties.MetricTransformations[0].MetricNamespace,
    pattern: String(Properties.FilterPattern),
  }));
  const countedAs = (line: Readonly<Record<string, string>>) =>
    filters.filter(({ pattern }) => filterOf(pattern)(JSON.stringify(line))).map(({ metric }) => metric);

  it.each<[string, Record<string, string>, string[]]>([
    ['a batch', { method: 'POST', route: '/v1/events', status: '202' }, ['ingestRequests']],
    [
      'a batch that failed',
      { method: 'POST', route: '/v1/events', status: '503' },
      ['ingestRequests', 'ingestFailures'],
    ],
    ['logs of another client', { method: 'POST', route: '/v1/logs', status: '200' }, ['ingestRequests']],
    ['a search', { method: 'GET', route: '/v1/events', status: '200' }, ['readRequests']],
    [
      'a search that failed',
      { method: 'GET', route: '/v1/events', status: '504' },
      ['readRequests', 'readFailures'],
    ],
    ['what manages', { method: 'POST', route: '/v1/keys', status: '201' }, ['readRequests']],
    ['a route that is not there', { method: 'GET', route: '-', status: '404' }, ['readRequests']],
    ['a dry run that failed', { method: 'POST', route: '/v1/events:debug', status: '503' }, []],
    ['a probe of health', { method: 'HEAD', route: '/health', status: '503' }, []],
    ['what a browser asks first', { method: 'OPTIONS', route: '/v1/events', status: '204' }, []],
    [
      'a wrong key',
      { method: 'POST', route: '/v1/events', status: '401' },
      ['unauthorizedAnswers', 'ingestRequests'],
    ],
    [
      'too many requests',
      { method: 'GET', route: '/v1/usage', status: '429' },
      ['throttledAnswers', 'readRequests'],
    ],
  ])('counts %s', (_, line, metrics) => {
    expect(countedAs(line)).toEqual(metrics);
  });

  it('is counted for each route by its objective, under the names that alarms read', () => {
    for (const route of routes as readonly Route[]) {
      const counted = countedAs({ method: route.method, route: route.path, status: '500' });
      const objective = objectiveOfRoute(route);
      expect(counted).toEqual(objective ? [`${objective}Requests`, `${objective}Failures`] : []);
    }
    expect(new Set(filters.map(({ namespace }) => namespace))).toEqual(new Set(['Weir/dev']));
    // CloudWatch takes no longer patterns.
    expect(Math.max(...filters.map(({ pattern }) => pattern.length))).toBeLessThanOrEqual(1024);
  });

  it('is ranked by account and by key, from fields that the log has', () => {
    const format: string = JSON.stringify(
      only(resourcesOf(stateless, 'AWS::ApiGateway::Stage')).Properties.AccessLogSetting.Format,
    );
    const rules = resourcesOf(stateless, 'AWS::CloudWatch::InsightRule').map(({ Properties }) => Properties);

    expect(rules.map(({ RuleName }) => RuleName)).toEqual([
      'weir-dev-busiest-accounts',
      'weir-dev-unauthorized-callers',
      'weir-dev-throttled-accounts',
    ]);
    const fields = JSON.stringify(rules).matchAll(/\$\.(\w+)/g);
    expect([...fields].flatMap(([, field = '']) => (format.includes(field) ? [] : [field]))).toEqual([]);
  });
});
