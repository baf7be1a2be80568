// Percentiles of the time that the gateway takes to answer. They ring earlier than a budget burns, and make a ticket: the
// budget pages.

import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Route } from '../../../domain/api/routes.ts';
import { declared } from '../../../domain/service-levels/indicators.ts';
import { floorOfBad } from '../../../domain/service-levels/objectives.ts';
import { gatewayMetric, hasMetricsOfMethods, inPeriods, mathOf, type Signal } from './signal.ts';

type Slow = {
  readonly id: string;
  readonly name: string;
  readonly runbook: string;
  readonly title: string;
  readonly route: Route;
  readonly minutes: number;
  /** By percentile, in milliseconds. */
  readonly limits: Readonly<Record<string, number>>;
  readonly floor: number;
};

/** In times the limit, so that one alarm has several percentiles. */
function slow({ route, minutes, limits, floor, ...named }: Slow): Signal {
  const percentiles = Object.entries(limits);
  const least = Math.min(...Object.values(limits));
  const worst = percentiles.map(([percentile, limitMs]) => `${percentile} / ${limitMs}`).join(', ');
  const over = percentiles.map(
    ([percentile, limitMs]) => `${percentile.toUpperCase()} is over ${limitMs} ms`,
  );
  return {
    ...named,
    unit: 'times the limit',
    severity: 'ticket',
    what: `${named.title}: ${over.join(' or ')} for ${minutes} minutes, and at least ${floor} took longer than ${least} ms.`,
    watch: ({ stage, api }) =>
      hasMetricsOfMethods(stage)
        ? {
            metric: mathOf(
              named.title,
              minutes,
              `IF(FILL(requests, 0) * (100 - FILL(within, 100)) / 100 >= ${floor}, MAX([${worst}]), 0)`,
              {
                requests: gatewayMetric(api, 'Count', 'Sum', route),
                within: gatewayMetric(api, 'Latency', `PR(:${least})`, route),
                ...Object.fromEntries(
                  percentiles.map(([percentile]) => [
                    percentile,
                    gatewayMetric(api, 'Latency', percentile, route),
                  ]),
                ),
              },
            ),
            threshold: 1,
            ...inPeriods(1),
            // No data means no requests, so none was slow.
            treatMissingData: TreatMissingData.NOT_BREACHING,
          }
        : undefined,
  };
}

export const slowIngest = slow({
  id: 'slowIngest',
  name: 'slow-ingest',
  runbook: 'ingest-latency-burn',
  title: 'Slow batches',
  route: declared('POST', '/v1/events'),
  minutes: 5,
  limits: { p99: 500 },
  // Three of some hundred come together by chance, several times a week.
  floor: floorOfBad.long,
});

/** The gateway does not tell summaries that are kept from those that are read: P95 has the limit of the one, P99 of the other. */
export const slowSummaries = slow({
  id: 'slowSummaries',
  name: 'slow-summaries',
  runbook: 'summary-latency-burn',
  title: 'Slow summaries',
  route: declared('GET', '/v1/accounts/{account_id}/summary'),
  minutes: 15,
  limits: { p95: 300, p99: 1000 },
  floor: floorOfBad.long,
});

export const slowSearches = slow({
  id: 'slowSearches',
  name: 'slow-searches',
  runbook: 'search-latency-burn',
  title: 'Slow searches',
  route: declared('GET', '/v1/events'),
  minutes: 15,
  limits: { p95: 250, p99: 500 },
  floor: floorOfBad.long,
});
