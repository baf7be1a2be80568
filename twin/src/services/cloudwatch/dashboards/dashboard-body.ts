// The body of a dashboard, as far as its widgets are drawn here: texts, states of alarms, and metrics as lines or as single
// values. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html

import { isJsonRecord, type JsonRecord } from '../../../core/json-record.ts';

/** On a grid of 24 columns. */
export type Place = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

export type Line = { readonly label: string; readonly value: number };

/** Of an axis, where the widget sets it. */
export type Range = { readonly min?: number; readonly max?: number };

export type MetricRow = {
  readonly id: string;
  readonly label: string | undefined;
  readonly isShown: boolean;
  readonly periodSeconds: number;
} & (
  | { readonly expression: string }
  | {
      readonly namespace: string;
      readonly name: string;
      readonly dimensions: Readonly<Record<string, string>>;
      readonly statistic: string;
    }
);

export type Widget = Place & { readonly title: string } & (
    | { readonly kind: 'text'; readonly markdown: string }
    | { readonly kind: 'alarms'; readonly alarmArns: readonly string[] }
    | {
        readonly kind: 'lines' | 'values';
        readonly rows: readonly MetricRow[];
        readonly lines: readonly Line[];
        readonly unit: string;
        readonly range: Range;
      }
    /** What is not drawn here, with the reason. */
    | { readonly kind: 'other'; readonly reason: string }
  );

const usualPeriodSeconds = 300;

export class UnreadableDashboard extends Error {
  override readonly name = 'UnreadableDashboard';
}

export type DashboardBody = { readonly widgets: readonly Widget[]; readonly hours: number };

export function readDashboardBody(body: string): DashboardBody {
  const parsed = parse(body);
  if (!isJsonRecord(parsed) || !Array.isArray(parsed.widgets))
    throw new UnreadableDashboard('The body of a dashboard is JSON, an object with a list of widgets.');
  return {
    widgets: parsed.widgets.map((widget) => toWidget(isJsonRecord(widget) ? widget : {})),
    hours: hoursOf(parsed.start),
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** `-PT12H` or `-P7D`; CloudWatch shows three hours of a dashboard that says nothing of it. */
function hoursOf(start: unknown): number {
  const [, count, unit] = /^-P(?:T?)(\d+)([HDW])$/.exec(String(start)) ?? [];
  return count === undefined ? 3 : Number(count) * (unit === 'W' ? 168 : unit === 'D' ? 24 : 1);
}

function toWidget(widget: JsonRecord): Widget {
  const { type, properties } = widget;
  const settings = isJsonRecord(properties) ? properties : {};
  const place = {
    x: Number(widget.x ?? 0),
    y: Number(widget.y ?? 0),
    width: Number(widget.width ?? 6),
    height: Number(widget.height ?? 6),
    title: String(settings.title ?? ''),
  };
  if (type === 'text') return { ...place, kind: 'text', markdown: String(settings.markdown ?? '') };
  if (type === 'alarm')
    return { ...place, kind: 'alarms', alarmArns: (settings.alarms as string[] | undefined) ?? [] };
  if (type !== 'metric') return { ...place, kind: 'other', reason: `Widgets of the type ${String(type)}` };
  if ('insightRule' in settings) return { ...place, kind: 'other', reason: 'Contributor Insights' };
  const periodSeconds = Number(settings.period ?? usualPeriodSeconds);
  return {
    ...place,
    kind: settings.view === 'singleValue' ? 'values' : 'lines',
    rows: rowsOf((settings.metrics as unknown[][] | undefined) ?? [], settings, periodSeconds),
    lines: linesOf(settings.annotations),
    ...axisOf(settings.yAxis),
  };
}

/** In a row, `.` repeats what the row before has there, and `...` all that is before its own last part. */
function rowsOf(rows: readonly unknown[][], settings: JsonRecord, periodSeconds: number): MetricRow[] {
  let before: readonly unknown[] = [];
  return rows.map((row, index) => {
    const last = row.at(-1);
    const options = isJsonRecord(last) ? last : {};
    const parts = isJsonRecord(last) ? row.slice(0, -1) : row;
    const shared = {
      id: String(options.id ?? `row${index}`),
      label: options.label === undefined ? undefined : String(options.label),
      isShown: options.visible !== false,
      periodSeconds: Number(options.period ?? periodSeconds),
    };
    if ('expression' in options) return { ...shared, expression: String(options.expression) };
    const whole = expand(parts, before);
    before = whole;
    const [namespace, name, ...pairs] = whole.map(String);
    return {
      ...shared,
      namespace: namespace ?? '',
      name: name ?? '',
      dimensions: Object.fromEntries(
        pairs.flatMap((each, at) => (at % 2 === 0 ? [[each, pairs[at + 1] ?? '']] : [])),
      ),
      statistic: String(options.stat ?? settings.stat ?? 'Average'),
    };
  });
}

function expand(parts: readonly unknown[], before: readonly unknown[]): readonly unknown[] {
  if (parts[0] === '...') return [...before.slice(0, before.length - (parts.length - 1)), ...parts.slice(1)];
  return parts.map((part, index) => (part === '.' ? before[index] : part));
}

function linesOf(annotations: unknown): Line[] {
  const horizontal = isJsonRecord(annotations) ? annotations.horizontal : undefined;
  if (!Array.isArray(horizontal)) return [];
  return horizontal.flatMap((line) =>
    isJsonRecord(line) ? [{ label: String(line.label ?? ''), value: Number(line.value) }] : [],
  );
}

function axisOf(axes: unknown): { readonly unit: string; readonly range: Range } {
  const left = isJsonRecord(axes) && isJsonRecord(axes.left) ? axes.left : {};
  const { label = '', min, max } = left;
  return {
    unit: String(label),
    range: { ...(min !== undefined && { min: Number(min) }), ...(max !== undefined && { max: Number(max) }) },
  };
}
