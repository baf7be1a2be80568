// `weir requests`: the requests of the access log, counted by what tells them apart.

import { Option } from '@commander-js/extra-typings';
import type { RequestLine } from '../../domain/operations/port.ts';
import { WrongUse } from '../errors.ts';
import { table } from '../terminal/table.ts';
import { defineVerb } from '../verb.ts';
import { sinceOption, toRangeOfLines } from './since.ts';

const groupings = ['status', 'responseType', 'route', 'accountId', 'keyId', 'ip'] as const;
type Grouping = (typeof groupings)[number];
const headings: Readonly<Record<Grouping, string>> = {
  status: 'status',
  responseType: 'response type',
  route: 'route',
  accountId: 'account',
  keyId: 'key',
  ip: 'address',
};
const flags = ['status', 'response-type', 'route', 'account', 'key', 'address'] as const;
const usual: readonly Grouping[] = ['status', 'responseType', 'route', 'accountId'];
const mostRows = 30;
/** Of the slowest, what authorizer and function took. The rest is the gateway's own. */
const times = ['MEAN MS', 'SLOWEST MS', 'AUTHORIZER', 'INTEGRATION'];

export const requests = defineVerb({
  words: ['requests'],
  summary: 'count the requests of the access log by status, route and account',
  examples: ['requests --status 5 --since 1h', 'requests --status 401 --by key address --json'],
  options: (command) =>
    command
      .addOption(sinceOption('1h'))
      .option('--status <digits>', 'only answers of this status, or of those that begin so: 5, 4, 429')
      .addOption(new Option('--by <what...>', 'what to count by').choices(flags)),
  run: async (operator, { since, status, by }) => {
    if (status !== undefined && !/^[1-5](\d\d)?$/.test(status)) throw new InvalidStatus(status);
    const grouping = by?.map((flag) => groupings[flags.indexOf(flag)] as Grouping) ?? usual;
    const range = toRangeOfLines(since, operator.clock.now());
    const groups = new Map<string, Group>();
    let count = 0;
    for await (const line of (await operator.operations()).requests(range, status)) {
      count += 1;
      addTo(groups, grouping, line);
    }
    const found = [...groups.values()].toSorted((one, other) => other.count - one.count);
    return {
      json: {
        requests: count,
        groups: found.map((group) => ({
          ...Object.fromEntries(
            grouping.map((each, index) => [headings[each].replace(' ', '_'), group.values[index]]),
          ),
          requests: group.count,
          ...timesOf(group),
        })),
      },
      text: render(grouping, found, count),
    };
  },
});

export class InvalidStatus extends WrongUse {
  constructor(status: string) {
    super(`--status ${status} is not a status.`, 'Give its first digit, or all three: 5, 429.');
  }
}

type Group = {
  readonly values: readonly string[];
  count: number;
  /** Of those whose time is known. */
  timed: number;
  totalMs: number;
  slowest: RequestLine | undefined;
};

function addTo(groups: Map<string, Group>, grouping: readonly Grouping[], line: RequestLine): void {
  const values = grouping.map((each) => line[each]);
  const key = values.join('\u0000');
  const group = groups.get(key) ?? { values, count: 0, timed: 0, totalMs: 0, slowest: undefined };
  group.count += 1;
  if (Number.isFinite(line.latencyMs)) {
    group.timed += 1;
    group.totalMs += line.latencyMs;
    if (line.latencyMs >= (group.slowest?.latencyMs ?? 0)) group.slowest = line;
  }
  groups.set(key, group);
}

const timesOf = ({ timed, totalMs, slowest }: Group) => ({
  mean_ms: timed === 0 ? 0 : Math.round(totalMs / timed),
  slowest_ms: slowest?.latencyMs ?? 0,
  authorizer_ms: slowest?.authorizerMs ?? 0,
  integration_ms: slowest?.integrationMs ?? 0,
});

function render(grouping: readonly Grouping[], found: readonly Group[], count: number): string {
  if (count === 0) return 'The access log has no such request in this time.';
  const heading = ['REQUESTS', ...grouping.map((each) => headings[each].toUpperCase()), ...times];
  const rows = found
    .slice(0, mostRows)
    .map((group) => [group.count, ...group.values, ...Object.values(timesOf(group))]);
  const left = found.length - rows.length;
  return [table(heading, rows), ...(left > 0 ? [`and ${left} more groups: --json lists all`] : [])].join(
    '\n',
  );
}
