// The twin understands each alarm and each graph of a stage: what it would misjudge, it refuses, and so this test finds
// an expression, a statistic or a comparison that is new to it.

import { createAlarms, DataQueries, type DataQuery, MetricStore } from '@weir/twin/cloudwatch';
import { createTemplate, type StackTemplate } from '@weir/twin/template';
import { describe, expect, it } from 'vitest';
import { synthesize, wholeStage } from '../synthesize.ts';

const template = createTemplate(
  Object.entries(synthesize(wholeStage)).map(([name, of]) => ({
    name: `weir-dev-${name}`,
    template: of.toJSON() as StackTemplate,
    assetFolders: new Map<string, string>(),
  })),
);
const minuteMs = 60_000;
const startMs = Date.parse('2026-11-30T00:00:00Z');

describe('the alarms', () => {
  it('are all read, and evaluated without data', () => {
    const alarms = createAlarms(template);
    const defined = template.resources('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm');

    for (let minute = 1; minute <= 10; minute += 1) alarms.evaluateAt(startMs + minute * minuteMs);

    expect(
      alarms
        .states()
        .map(({ alarm }) => alarm.name)
        .toSorted(),
    ).toEqual(defined.map(({ name }) => name).toSorted());
    expect(alarms.history().length).toBeGreaterThan(0);
  });
});

/** `[{expression, …}]`, or `[namespace, name, dimension, value, …, {stat, …}]`, where `.` is as in the row above. */
type Row = readonly (string | Readonly<Record<string, unknown>>)[];
type Widget = {
  readonly type: string;
  readonly properties: { readonly title?: string; readonly metrics?: readonly Row[] };
};

const widgets = template.resources('AWS::CloudWatch::Dashboard').flatMap(({ properties }) => {
  const { widgets: all } = JSON.parse(String(properties.DashboardBody)) as { widgets: readonly Widget[] };
  return all.flatMap(({ properties: { title = '', metrics } }) =>
    metrics === undefined ? [] : [{ title, metrics }],
  );
});

function queriesOf(rows: readonly Row[]): readonly DataQuery[] {
  let above: readonly string[] = [];
  return rows.map((row, index): DataQuery => {
    const options = row.find((part) => typeof part === 'object') ?? {};
    const id = String(options.id ?? `q${index}`);
    const returnData = options.visible !== false;
    const periodSeconds = Number(options.period ?? 300);
    if (options.expression !== undefined)
      return { id, returnData, expression: String(options.expression), periodSeconds };
    const texts = row
      .filter((part) => typeof part === 'string')
      .map((part, place) => (part === '.' ? (above[place] ?? '') : part));
    above = texts;
    const [namespace = '', name = '', ...pairs] = texts;
    const dimensions = Object.fromEntries(
      pairs.flatMap((part, place) => (place % 2 === 0 ? [[part, pairs[place + 1] ?? '']] : [])),
    );
    const statistic = String(options.stat ?? 'Average');
    return { id, returnData, metric: { namespace, name, dimensions, statistic, periodSeconds } };
  });
}

describe('the graphs', () => {
  it.each(widgets)('of "$title" are computed', ({ metrics }) => {
    const queries = queriesOf(metrics);
    const store = new MetricStore();
    for (const { metric } of queries)
      if (metric !== undefined) store.add({ ...metric, unit: 'Count', value: 1, timestampMs: startMs });
    const compiled = new DataQueries(queries, store);

    for (const { id, returnData } of queries.filter((query) => query.returnData)) {
      const periodMinutes = compiled.periodSecondsOf(id) / 60;
      const endMinute = startMs / minuteMs + periodMinutes;
      const lines = compiled.compute(id, { endMinute, periodMinutes, periods: 1 });
      expect(returnData && lines.every(({ at }) => Number.isNaN(at(0)) || Number.isFinite(at(0)))).toBe(true);
    }
  });
});
