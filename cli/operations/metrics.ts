// `weir metrics`: what AWS and the functions themselves measured, of a function by the time, of all tables or of all
// streams.

import { Option } from '@commander-js/extra-typings';
import {
  type Figure,
  figuresOfFunction,
  figuresOfStream,
  figuresOfTable,
  overall,
  publishedFigure,
  publisherOf,
} from '../../domain/operations/figures.ts';
import type { Operations, TimeRange } from '../../domain/operations/port.ts';
import { type MetricName, published } from '../../domain/service-levels/metrics.ts';
import { type FunctionVerb, functionNameOf, functionVerbs } from '../../domain/system/stage-names.ts';
import { dayMs, iso } from '../../domain/system/time.ts';
import type { Operator } from '../operator.ts';
import { renderMinute } from '../terminal/instants.ts';
import { table } from '../terminal/table.ts';
import { defineVerb, type Result } from '../verb.ts';
import { NoSubject, NotPublished } from './errors.ts';
import { sinceOption, toRange } from './since.ts';

export const metrics = defineVerb({
  words: ['metrics'],
  summary: 'show what was measured of a function, of the tables or of the streams',
  examples: [
    'metrics --function consume --since 6h',
    'metrics --function consume --name heldRecords retriedCalls',
    'metrics --tables',
    'metrics --streams --json',
  ],
  options: (command) =>
    command
      .addOption(new Option('--function <name>', 'of this function, by the time').choices(functionVerbs))
      .option('--name <names...>', 'with --function: these, of the metrics that it publishes itself')
      .option('--tables', 'of each table, over the whole time')
      .option('--streams', 'of each stream, over the whole time')
      .addOption(sinceOption('1h')),
  run: async (operator, { function: verb, name, tables, streams, since }) => {
    const asked = [verb, tables, streams].filter((each) => each !== undefined);
    if (asked.length !== 1 || (name !== undefined && verb === undefined)) throw new NoSubject();
    const { fromMs, toMs } = toRange(since, operator.clock.now());
    const periodSeconds = periodOf(toMs - fromMs);
    const periodMs = periodSeconds * 1000;
    const range = { fromMs: Math.floor(fromMs / periodMs) * periodMs, toMs };
    const operations = await operator.operations();
    if (verb === undefined)
      return showEach(operations, tables ? tablesOf(operator) : streamsOf(operator), range, periodSeconds);
    const figures = await figuresOf(operator, operations, verb as FunctionVerb, name);
    return showByTime(verb, operations, figures, range, periodSeconds);
  },
});

/** A dozen lines. What is older than 15 days CloudWatch does not keep by the minute. */
function periodOf(durationMs: number): number {
  const least = durationMs > 15 * dayMs ? 3600 : 60;
  return Math.ceil(durationMs / 12_000 / least) * least;
}

async function figuresOf(
  operator: Operator,
  operations: Operations,
  verb: FunctionVerb,
  names: readonly string[] | undefined,
): Promise<readonly Figure[]> {
  if (names === undefined) {
    const [consumer] = verb.startsWith('consume') ? await operations.consumers([verb]) : [];
    return figuresOfFunction(functionNameOf(operator.stage, verb), consumer?.mappingId);
  }
  const publisher = publisherOf(verb);
  const known: readonly MetricName[] = publisher === undefined ? [] : published[publisher].metrics;
  return names.map((name) => {
    const metric = known.find((each) => each === name);
    if (publisher === undefined || metric === undefined) throw new NotPublished(verb, name, known);
    return publishedFigure(operator.stage, publisher, metric);
  });
}

async function showByTime(
  verb: string,
  operations: Operations,
  figures: readonly Figure[],
  range: TimeRange,
  periodSeconds: number,
): Promise<Result> {
  const lines = await operations.figures(figures, range, periodSeconds);
  const times = [...new Set(lines.flatMap((line) => [...line.keys()]))].toSorted((one, other) => one - other);
  const rows = times.map((atMs) => [renderMinute(atMs), ...lines.map((line) => render(line.get(atMs)))]);
  return {
    json: {
      function: verb,
      period_seconds: periodSeconds,
      points: times.map((atMs) => ({
        at: iso(atMs),
        ...Object.fromEntries(
          figures.map((figure, index) => [keyOf(figure), lines[index]?.get(atMs) ?? null]),
        ),
      })),
    },
    text:
      rows.length === 0
        ? `Nothing was measured of ${verb} in this time.`
        : table(['FROM (UTC)', ...figures.map(({ heading }) => heading)], rows),
  };
}

type Subject = { readonly name: string; readonly figures: readonly Figure[] };

async function showEach(
  operations: Operations,
  subjects: readonly Subject[],
  range: TimeRange,
  periodSeconds: number,
): Promise<Result> {
  const figures = subjects.flatMap((subject) => subject.figures);
  const lines = await operations.figures(figures, range, periodSeconds);
  const values = figures.map(({ statistic }, index) => overall(statistic, lines[index] ?? new Map()));
  const valuesOf = (index: number, count: number) => values.slice(index * count, (index + 1) * count);
  const headings = subjects[0]?.figures ?? [];
  return {
    json: {
      from: iso(range.fromMs),
      each: subjects.map(({ name, figures: own }, index) => ({
        name,
        ...Object.fromEntries(
          valuesOf(index, own.length).map((value, at) => [keyOf(own[at] as Figure), value ?? null]),
        ),
      })),
    },
    text: table(
      ['NAME', ...headings.map(({ heading }) => heading)],
      subjects.map(({ name, figures: own }, index) => [name, ...valuesOf(index, own.length).map(render)]),
    ),
  };
}

const tablesOf = ({ output }: Operator): readonly Subject[] =>
  (['Identities', 'ClaimLogs', 'Pages', 'Aggregates', 'Accounts', 'Ledger'] as const).map((name) => ({
    name: `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
    figures: figuresOfTable(output(`${name}Table`)),
  }));

const streamsOf = ({ output, hasPriorityStream, hasLateStream }: Operator): readonly Subject[] =>
  [
    { name: 'standard', at: 'EventStream' },
    ...(hasPriorityStream ? [{ name: 'priority', at: 'PriorityEventStream' }] : []),
    ...(hasLateStream ? [{ name: 'late', at: 'LateEventStream' }] : []),
  ].map(({ name, at }) => ({ name, figures: figuresOfStream(output(at)) }));

const render = (value: number | undefined): string =>
  value === undefined ? '-' : String(Math.round(value * 100) / 100);

const keyOf = ({ heading }: Figure): string =>
  heading === heading.toUpperCase() ? heading.toLowerCase().replaceAll(' ', '_') : heading;
