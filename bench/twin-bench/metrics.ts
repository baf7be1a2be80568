// What the consumer has published, line by line: a line has the values of an invocation, or of a part of it.

import { type MetricOf, metricNames } from '../../domain/service-levels/metrics.ts';

export type Line = { readonly _aws: { readonly Timestamp: number } } & {
  readonly [Name in MetricOf<'consume'>]?: number | readonly number[];
};

const pageOf = (url: string) => `${url}/_weir/metrics`;

export const forgetMetrics = (url: string) => fetch(pageOf(url), { method: 'DELETE' });

export async function consumeMetrics(url: string): Promise<readonly Line[]> {
  const response = await fetch(`${pageOf(url)}/lines`);
  const { lines } = (await response.json()) as { lines: readonly { function: string; line: Line }[] };
  return lines.filter(({ function: label }) => label === 'consume').map(({ line }) => line);
}

export const valuesOf = (lines: readonly Line[], name: MetricOf<'consume'>): readonly number[] =>
  lines.flatMap((line) => line[name] ?? []);

/** By all of these invocations together. */
export const storedIn = (lines: readonly Line[]): number =>
  valuesOf(lines, metricNames.storedEvents).reduce((sum, some) => sum + some, 0);
