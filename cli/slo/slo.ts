// `weir slo`: what an account got of what is promised, as `GET /v1/slo` tells it. Without an account: the busiest accounts
// beside quiet ones.

import { Option } from '@commander-js/extra-typings';
import type { Attainment } from '../../domain/service-levels/account-attainment.ts';
import { rangeOfSlo, type SloAnswer, sloAnswer } from '../../domain/service-levels/account-slo.ts';
import { iso } from '../../domain/system/time.ts';
import { findBusiest } from '../busiest/found.ts';
import type { Operator } from '../operator.ts';
import { findAccount } from '../tenants.ts';
import { table } from '../terminal/table.ts';
import { defineVerb } from '../verb.ts';
import { type ComparedGroup, compareGroups, tenantsOf } from './compare.ts';
import { readMeasured } from './measured.ts';

export const slo = defineVerb({
  words: ['slo'],
  summary: 'show what an account got of what is promised, or compare the busiest accounts with quiet ones',
  examples: ['slo', 'slo --account acme', 'slo --account acme --json'],
  options: (command) =>
    command.addOption(
      new Option('--account <id>', 'one account, over 7 and 30 days; without it, a comparison'),
    ),
  run: async (operator, { account }) => {
    if (account !== undefined) {
      const levels = await levelsOf(operator, account);
      return { json: { service_levels: levels }, text: levels.map(renderLevels).join('\n\n') };
    }
    const records = await operator.records();
    const { accounts: busy } = await findBusiest(operator, records);
    const groups = await compareGroups(
      operator,
      records,
      busy.map((each) => each.account),
    );
    return { json: { at: iso(operator.clock.now()), hours: 24, groups }, text: renderGroups(groups) };
  },
});

/** Of each environment. */
async function levelsOf(operator: Operator, id: string): Promise<SloAnswer[]> {
  const account = await findAccount(operator, id);
  const records = await operator.records();
  const nowMs = operator.clock.now();
  const asked = { range: rangeOfSlo(nowMs), nowMs };
  return Promise.all(
    (await tenantsOf(operator, account)).map(async (tenant) =>
      sloAnswer(tenant, await readMeasured(records, [tenant], account.mostSlots, asked), nowMs),
    ),
  );
}

const share = (value: number | null): string => (value === null ? 'no data' : `${value} %`);
const milliseconds = (value: number | null): string => (value === null ? 'no data' : `${value} ms`);

export const renderObjective = ({
  name,
  target_percent,
  actual_percent,
  total,
  bad,
  budget_left_percent,
}: Attainment) => [
  name,
  `${target_percent} %`,
  share(actual_percent),
  bad,
  total,
  share(budget_left_percent),
];

const renderLevels = ({ account_id, environment, windows }: SloAnswer): string =>
  windows
    .map(({ days, objectives, latency: { ingest }, refused_by_gateway: { throttled, denied } }) =>
      [
        `${account_id}, ${environment}, ${days} days`,
        table(['OBJECTIVE', 'TARGET', 'ACTUAL', 'BAD', 'OF', 'BUDGET LEFT'], objectives.map(renderObjective)),
        `Ingest at P99: ${ingest.p99_ms === null ? 'no data' : `at most ${ingest.p99_ms} ms`}. The gateway refused ${throttled} over the rate, and denied ${denied}.`,
      ].join('\n'),
    )
    .join('\n\n');

const renderGroups = (groups: readonly ComparedGroup[]): string => {
  const names = groups[0]?.objectives.map(({ name }) => name) ?? [];
  const rows = [
    ['accounts with requests', ...groups.map(({ accounts }) => accounts.length)],
    ...names.map((name, index) => [
      name,
      ...groups.map(({ objectives }) => share(objectives[index]?.actual_percent ?? null)),
    ]),
    ...(['p50_ms', 'p95_ms', 'p99_ms'] as const).map((percentile) => [
      `ingest ${percentile.slice(0, 3).toUpperCase()}, at most`,
      ...groups.map(({ ingest_latency }) => milliseconds(ingest_latency[percentile])),
    ]),
  ];
  return [
    table(['LAST 24 HOURS', ...groups.map(({ group }) => group.toUpperCase())], rows),
    '',
    'Busiest are those that report lists; quiet are others, 50 at most.',
  ].join('\n');
};
