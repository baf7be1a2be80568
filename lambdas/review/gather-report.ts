// Measures what a report needs, and makes it.

import type { Counted } from '../../domain/service-levels/attainment.ts';
import type { Measured } from '../../domain/service-levels/indicators.ts';
import { objectives } from '../../domain/service-levels/objectives.ts';
import type { Hourly, Incidents, MetricReader, TimeRange } from '../../domain/service-levels/port.ts';
import { makeReport, measuredFor, type Report, type ReportKind } from '../../domain/service-levels/report.ts';
import {
  failureMeasurements,
  latencyMeasurements,
  type NamedMeasurement,
  objectiveMeasurements,
  throughputMeasurements,
} from '../../domain/service-levels/report-metrics.ts';
import type { Clock } from '../../domain/system/port.ts';

export type GatherDeps = {
  readonly measured: Measured;
  readonly metrics: MetricReader;
  readonly incidents: Pick<Incidents, 'list'>;
  readonly clock: Pick<Clock, 'now'>;
};

export async function gatherReport(
  { measured, metrics, incidents, clock }: GatherDeps,
  kind: ReportKind,
  range: TimeRange,
): Promise<Report> {
  const measuredRange = measuredFor(range, objectives);
  const counted = await metrics.read(objectiveMeasurements(measured), measuredRange);
  const read = async <Name extends string>(named: readonly NamedMeasurement<Name>[], of: TimeRange) => {
    const answers = await metrics.read(
      named.map(({ measurement }) => measurement),
      of,
    );
    return named.flatMap(({ what }, index) => {
      const answer = answers[index];
      return answer === undefined ? [] : [{ what, ...answer }];
    });
  };
  const sums = async (named: readonly NamedMeasurement<'sum'>[], of: TimeRange) =>
    (await read(named, of)).map(({ what, sum }) => ({ what, hourly: sum }));
  return makeReport({
    stage: measured.stage,
    kind,
    range,
    madeAtMs: clock.now(),
    objectives: objectives.map((objective, index) => ({ objective, counted: counted[index] ?? noCounts })),
    throughput: await sums(throughputMeasurements(measured), measuredRange),
    failures: await sums(failureMeasurements(measured), range),
    latencies: await read(latencyMeasurements(measured), range),
    incidents: await incidents.list(range),
  });
}

const none: Hourly = new Map();
const noCounts: Counted = { total: none, bad: none };
