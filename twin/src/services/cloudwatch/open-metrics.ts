// Series as text for those who scrape: OpenMetrics. What is counted is a counter, by its sum; all else is a summary, with
// the percentiles of its latest values.
// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md

import type { Series } from './series.ts';

export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

type Family = {
  readonly type: 'counter' | 'summary';
  readonly unit: string;
  /** How many of the series' unit make one of OpenMetrics, which knows base units only. */
  readonly divisor: number;
};

const counted: Family = { type: 'counter', unit: '', divisor: 1 };
const families: Readonly<Record<string, Family>> = {
  Count: counted,
  Milliseconds: { type: 'summary', unit: 'seconds', divisor: 1000 },
  Seconds: { type: 'summary', unit: 'seconds', divisor: 1 },
  Bytes: { type: 'summary', unit: 'bytes', divisor: 1 },
};

export function renderOpenMetrics(series: readonly Series[]): string {
  const byName = Map.groupBy(series, (each) => familyName(each));
  const lines = [...byName].toSorted(([one], [other]) => (one < other ? -1 : 1)).flatMap(linesOf);
  return `${[...lines, '# EOF'].join('\n')}\n`;
}

function linesOf([name, series]: readonly [string, readonly Series[]]): readonly string[] {
  const { type, unit } = familyOf(series[0]?.unit ?? '');
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === '' ? [] : [`# UNIT ${name} ${unit}`]),
    ...series.flatMap((each) => samplesOf(name, each)),
  ];
}

function samplesOf(name: string, series: Series): readonly string[] {
  const { type, divisor } = familyOf(series.unit);
  const labels = labelsOf(series);
  const sum = series.sum / divisor;
  if (type === 'counter') return [`${name}_total${rendered(labels)} ${sum}`];
  const { p50, p95, p99 } = series.of_latest_values;
  const quantiles = Object.entries({ '0.5': p50, '0.95': p95, '0.99': p99 });
  return [
    ...quantiles.map(
      ([quantile, value]) => `${name}${rendered([...labels, `quantile="${quantile}"`])} ${value / divisor}`,
    ),
    `${name}_count${rendered(labels)} ${series.samples}`,
    `${name}_sum${rendered(labels)} ${sum}`,
  ];
}

/** Any unit that OpenMetrics has no word for is part of the name, so that values of two units are two families. */
function familyOf(unit: string): Family {
  return families[unit] ?? { type: 'summary', unit: nameOf(unit), divisor: 1 };
}

function familyName({ namespace, name, unit }: Series): string {
  const { unit: suffix } = familyOf(unit);
  const whole = nameOf(`${namespace}_${name}`);
  return suffix === '' || whole.endsWith(`_${suffix}`) ? whole : `${whole}_${suffix}`;
}

const labelsOf = ({ dimensions }: Series): readonly string[] =>
  Object.entries(dimensions).map(([name, value]) => `${labelName(name)}="${escaped(value)}"`);

const rendered = (labels: readonly string[]) => (labels.length === 0 ? '' : `{${labels.join(',')}}`);

/** The one name of a label that a summary takes for itself. */
function labelName(name: string): string {
  const label = nameOf(name);
  return label === 'quantile' ? 'dimension_quantile' : label;
}

/** In snake case, of the characters that OpenMetrics allows: `AWS/ApiGateway` is `aws_api_gateway`. */
function nameOf(text: string): string {
  const name = text
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
  return /^[a-z_]/.test(name) ? name : `_${name}`;
}

const escaped = (value: string) =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
