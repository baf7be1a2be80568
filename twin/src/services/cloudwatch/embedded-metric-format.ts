// One line that a function printed, as CloudWatch reads it: the metrics that are embedded in it, or the documented
// rule that it breaks. CloudWatch drops such a line in silence.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';

/** In the order of their names, so that equal sets are equal as text. */
export type Dimensions = Readonly<Record<string, string>>;

export type EmbeddedMetric = {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  /** All different. Under each of them the values are a metric of their own. */
  readonly dimensionSets: readonly Dimensions[];
  readonly values: readonly number[];
};

type Definition = Omit<EmbeddedMetric, 'namespace' | 'dimensionSets'>;

export type MetricLine = {
  readonly metrics: readonly EmbeddedMetric[];
  readonly timestampMs: number;
  /** All of the line. */
  readonly root: JsonRecord;
};
export type DroppedLine = { readonly complaint: string };

const maxLineBytes = 1_048_576;
const maxMetrics = 100;
const maxValues = 100;
const maxDimensions = 30;
const maxDimensionNameLength = 250;
const maxDimensionValueLength = 1024;
const maxNameLength = 1024;
const maxMagnitude = 2 ** 360;
/** The last moment that a Date can hold. */
const maxTimestampMs = 8.64e15;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
const sizes = ['Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes'];
const sizesInBits = ['Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits'];
const amounts = [...sizes, ...sizesInBits, 'Count'];

const metricUnits: ReadonlySet<unknown> = new Set([
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'None'],
  ...amounts,
  ...amounts.map((amount) => `${amount}/Second`),
]);

class BrokenRule extends Error {
  override readonly name = 'BrokenRule';
}

/** Undefined for a line that does not mean to hold metrics. */
export function readMetricLine(line: string): MetricLine | DroppedLine | undefined {
  // Most lines hold none, and to read all of them as JSON would be the better part of the work.
  if (!line.includes('"_aws"')) return undefined;
  const root = parse(line);
  if (root !== undefined && !Object.hasOwn(root, '_aws')) return undefined;
  try {
    must(root !== undefined, 'The line is not one JSON object and nothing else.');
    must(Buffer.byteLength(line) <= maxLineBytes, 'The line is longer than 1 MiB.');
    return readRoot(root);
  } catch (error) {
    if (error instanceof BrokenRule) return { complaint: error.message };
    throw error;
  }
}

function parse(line: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readRoot(root: JsonRecord): MetricLine {
  const metadata = root._aws;
  must(isJsonRecord(metadata), '_aws is no object.');
  const { Timestamp: timestampMs, CloudWatchMetrics: directives } = metadata;
  must(
    isWhole(timestampMs) && timestampMs >= 0 && timestampMs <= maxTimestampMs,
    'Timestamp is no whole number of milliseconds since 1970.',
  );
  must(Array.isArray(directives), 'CloudWatchMetrics is no list.');
  const metrics = directives.flatMap((directive: unknown) => readDirective(root, directive));
  return { metrics, timestampMs, root };
}

function readDirective(root: JsonRecord, directive: unknown): readonly EmbeddedMetric[] {
  must(isJsonRecord(directive), 'CloudWatchMetrics has a member that is no object.');
  const { Namespace: namespace, Dimensions: sets, Metrics: definitions } = directive;
  must(isText(namespace, maxNameLength), `Namespace is no string of 1 to ${maxNameLength} characters.`);
  must(isListOfLists(sets) && sets.length > 0, 'Dimensions is no list of at least one list of names.');
  must(Array.isArray(definitions), 'Metrics is no list.');
  must(definitions.length <= maxMetrics, `Metrics has more than ${maxMetrics} members.`);
  const dimensionSets = withoutDoubles(sets.map((names) => readDimensions(root, names)));
  return definitions.map((definition: unknown) => ({
    namespace,
    dimensionSets,
    ...readDefinition(root, definition),
  }));
}

function readDimensions(root: JsonRecord, names: readonly unknown[]): Dimensions {
  must(names.length <= maxDimensions, `Dimensions has a set of more than ${maxDimensions} names.`);
  const dimensions = names.map((name) => {
    must(
      isText(name, maxDimensionNameLength),
      `Dimensions has a name that is no string of 1 to ${maxDimensionNameLength} characters.`,
    );
    const value = root[name];
    must(
      typeof value === 'string' && value.length <= maxDimensionValueLength,
      `The dimension ${name} is no member of the line with a string of at most ${maxDimensionValueLength} characters.`,
    );
    return [name, value] as const;
  });
  return Object.fromEntries(dimensions.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function readDefinition(root: JsonRecord, definition: unknown): Definition {
  must(isJsonRecord(definition), 'Metrics has a member that is no object.');
  const { Name: name, Unit: unit = 'None', StorageResolution: resolution = 60 } = definition;
  must(
    isText(name, maxNameLength),
    `Metrics has a Name that is no string of 1 to ${maxNameLength} characters.`,
  );
  must(
    typeof unit === 'string' && metricUnits.has(unit),
    `The Unit of ${name} is none that CloudWatch knows.`,
  );
  must(resolution === 1 || resolution === 60, `The StorageResolution of ${name} is neither 1 nor 60.`);
  const target = root[name];
  const values: readonly unknown[] = Array.isArray(target) ? target : [target];
  must(values.length <= maxValues, `The metric ${name} has more than ${maxValues} values.`);
  must(
    values.every(isMetricValue),
    `The metric ${name} is no member of the line with a number, or a list of numbers, up to 2^360.`,
  );
  return { name, unit, values };
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxLength;
}

function isListOfLists(value: unknown): value is readonly (readonly unknown[])[] {
  return Array.isArray(value) && value.every(Array.isArray);
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value);
}

function isMetricValue(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= maxMagnitude;
}

function withoutDoubles(sets: readonly Dimensions[]): readonly Dimensions[] {
  return [...new Map(sets.map((set) => [JSON.stringify(set), set])).values()];
}

function must(isKept: boolean, broken: string): asserts isKept {
  if (!isKept) throw new BrokenRule(broken);
}
