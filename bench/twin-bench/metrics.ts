// What the consumers have published, line by line: a line has the values of an invocation, or of a part of it.

import { type MetricOf, metricNames } from '../../domain/service-levels/metrics.ts';

export type Line = { readonly _aws: { readonly Timestamp: number } } & {
  readonly [Name in MetricOf<'consume'>]?: number | readonly number[];
};

const pageOf = (url: string) => `${url}/_weir/metrics`;

export const forgetMetrics = (url: string) => fetch(pageOf(url), { method: 'DELETE' });

export async function consumeMetrics(url: string): Promise<readonly Line[]> {
  const response = await fetch(`${pageOf(url)}/lines`);
  const { lines } = (await response.json()) as { lines: readonly { function: string; line: Line }[] };
  return lines.filter(({ function: label }) => label.startsWith('consume')).map(({ line }) => line);
}

export const valuesOf = (lines: readonly Line[], name: MetricOf<'consume'>): readonly number[] =>
  lines.flatMap((line) => line[name] ?? []);

/** By all of these invocations together. */
export const storedIn = (lines: readonly Line[]): number =>
  valuesOf(lines, metricNames.storedEvents).reduce((sum, some) => sum + some, 0);

/** Of all lines, however many: the page of lines has the latest thousand. */
export async function consumeSeries(url: string, name: MetricOf<'consume'>): Promise<Series> {
  const { series } = (await (await fetch(pageOf(url))).json()) as { series: readonly NamedSeries[] };
  const found = series.find((each) => each.name === name && each.dimensions.endpoint === 'consume');
  return found ?? { sum: 0, max: 0, latest_at: new Date(0).toISOString() };
}

type Series = { readonly sum: number; readonly max: number; readonly latest_at: string };
type NamedSeries = Series & { readonly name: string; readonly dimensions: { readonly endpoint?: string } };
