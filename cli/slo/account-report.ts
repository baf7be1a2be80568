// `weir report --account`: what an account got of what is promised in a time, in each of its environments, day by day.

import {
  type Attainment,
  attainmentsOf,
  failureReasons,
  gatewayRefusals,
  percentilesOf,
} from '../../domain/service-levels/account-attainment.ts';
import type { LevelRange } from '../../domain/service-levels/account-levels.ts';
import { type MeasuredHours, measuredIn } from '../../domain/service-levels/account-slo.ts';
import { dayMs, floorTo, iso } from '../../domain/system/time.ts';
import type { Operator } from '../operator.ts';
import { findAccount } from '../tenants.ts';
import { table } from '../terminal/table.ts';
import type { Result } from '../verb.ts';
import { tenantsOf } from './compare.ts';
import { readMeasured } from './measured.ts';
import { renderObjective } from './slo.ts';

export async function reportAccount(operator: Operator, id: string, range: LevelRange): Promise<Result> {
  const account = await findAccount(operator, id);
  const records = await operator.records();
  const asked = { range, nowMs: operator.clock.now() };
  const reports = await Promise.all(
    (await tenantsOf(operator, account)).map(async (tenant) =>
      reportOf(tenant.environment, await readMeasured(records, [tenant], account.mostSlots, asked), range),
    ),
  );
  return {
    json: { account_id: id, from: iso(range.fromMs), to: iso(range.toMs), environments: reports },
    text: reports.map((report) => renderReport(id, range, report)).join('\n\n'),
  };
}

type EnvironmentReport = ReturnType<typeof reportOf>;

function reportOf(environment: string, measured: MeasuredHours, range: LevelRange) {
  const within = measuredIn(measured, range);
  const days = [];
  for (let startMs = floorTo(range.fromMs, dayMs); startMs < range.toMs; startMs += dayMs)
    days.push({
      day: iso(startMs).slice(0, 10),
      objectives: attainmentsOf(
        measuredIn(measured, {
          fromMs: Math.max(startMs, range.fromMs),
          toMs: Math.min(startMs + dayMs, range.toMs),
        }),
      ),
    });
  return {
    environment,
    objectives: attainmentsOf(within),
    ingest_latency: percentilesOf(within.levels, 'ingest'),
    refused_by_gateway: gatewayRefusals(within.levels),
    failures: failureReasons(within.levels),
    days,
  };
}

function renderReport(account: string, { fromMs, toMs }: LevelRange, report: EnvironmentReport): string {
  const { environment, objectives, ingest_latency, refused_by_gateway, failures, days } = report;
  const { p99_ms: p99 } = ingest_latency;
  const names = objectives.map(({ name }) => name);
  const ofDays = days.map(({ day, objectives: ofDay }) => [day, ...ofDay.map(actualOf)]);
  return [
    `${account}, ${environment}: ${iso(fromMs).slice(0, 16)} to ${iso(toMs).slice(0, 16)} UTC`,
    table(['OBJECTIVE', 'TARGET', 'ACTUAL', 'BAD', 'OF', 'BUDGET LEFT'], objectives.map(renderObjective)),
    `Batches at P99: ${p99 === null ? 'no data' : `at most ${p99} ms`}. The gateway refused ` +
      `${refused_by_gateway.throttled} requests over the rate, and denied ${refused_by_gateway.denied}.`,
    failures.length === 0
      ? 'Nothing failed.'
      : `What failed: ${failures.map(({ route_group, outcome, count }) => `${route_group} ${outcome} ${count}`).join(', ')}.`,
    '',
    table(['DAY', ...names.map((name) => name.toUpperCase())], ofDays),
  ].join('\n');
}

const actualOf = ({ actual_percent }: Attainment): string =>
  actual_percent === null ? 'no data' : `${actual_percent} %`;
