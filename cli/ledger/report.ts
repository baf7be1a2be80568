// What an audit of the ledger found, as JSON and as text.

import { iso } from '../../domain/system/time.ts';
import { amountsOf } from '../../domain/tally/sheet.ts';
import { table } from '../terminal/table.ts';
import type { Result } from '../verb.ts';
import type { Amount, Finding, Outcomes, UnreadableFinding } from './audit.ts';
import type { Untallied } from './untallied.ts';

export type Verification = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly tallied: Amount;
  readonly outcomes: Outcomes;
  readonly inFlight: readonly Finding[];
  readonly inBucket: readonly (Finding & { readonly object: string })[];
  readonly missing: readonly Finding[];
  readonly unreadable: readonly UnreadableFinding[];
  readonly untallied: readonly Untallied[];
};

const amountOf = (findings: readonly Finding[]): Amount => amountsOf(findings.map(({ record }) => record));

const toFound = ({ record: { lane, record, receivedAtMs, events }, shard, sequences, outcome }: Finding) => ({
  account_id: lane.tenant.account,
  environment: lane.tenant.environment,
  record,
  received_at: iso(receivedAtMs),
  events,
  shard,
  sequences,
  ...(outcome && {
    receipt: {
      state: outcome.state,
      accepted: outcome.accepted,
      stored: outcome.stored,
      duplicates: outcome.duplicates,
      conflicts: outcome.conflicts,
    },
  }),
});

const toListed = ({ lane, record, receivedAtMs, accepted, state }: Untallied) => ({
  account_id: lane.tenant.account,
  environment: lane.tenant.environment,
  record,
  received_at: iso(receivedAtMs),
  events: accepted,
  state,
});

export function renderVerification(found: Verification): Result {
  const { missing, unreadable, untallied } = found;
  const isBalanced = missing.length + unreadable.length + untallied.length === 0;
  const json = {
    from: iso(found.fromMs),
    to: iso(found.toMs),
    balanced: isBalanced,
    tallied: found.tallied,
    outcomes: found.outcomes,
    in_flight: amountOf(found.inFlight),
    in_bucket: found.inBucket.map((finding) => ({ ...toFound(finding), object: finding.object })),
    missing: missing.map(toFound),
    unreadable,
    untallied: untallied.map(toListed),
  };
  return { json, text: textOf(found, isBalanced), ...(!isBalanced && { code: 1 }) };
}

/** With more rows nobody reads the table; --json prints all. */
const mostRows = 100;

function textOf(found: Verification, isBalanced: boolean): string {
  const { tallied, outcomes, missing, inBucket, unreadable, untallied } = found;
  const [flying, waiting] = [amountOf(found.inFlight), amountOf(inBucket)];
  const events = [
    ...Object.entries(outcomes),
    ['in flight', flying.events],
    ['in the bucket', waiting.events],
    ['missing', amountOf(missing).events],
  ] as const;
  return [
    `From ${iso(found.fromMs)} to ${iso(found.toMs)}: ${amountText(tallied)} acknowledged.`,
    table(
      ['OUTCOME', 'EVENTS'],
      events.map(([name, count]) => [name, count]),
    ),
    ...listOf('Without an outcome, or of another number of events than its receipt:', missing),
    ...listOf('In the bucket, until settle quarantines them:', inBucket),
    ...(unreadable.length > 0
      ? [
          'Without a readable header, and not in the bucket:',
          table(
            ['SHARD', 'SEQUENCE NUMBER'],
            unreadable.slice(0, mostRows).map(({ shard, sequence }) => [shard, sequence]),
          ),
        ]
      : []),
    ...(untallied.length > 0
      ? [
          'With a receipt, and not in the tally:',
          table(
            ['ACCOUNT', 'ENVIRONMENT', 'RECORD', 'EVENTS', 'RECEIVED', 'STATE'],
            untallied.slice(0, mostRows).map((each) => Object.values(inOrder(toListed(each)))),
          ),
        ]
      : []),
    isBalanced
      ? 'The ledger is balanced: everything that was acknowledged has an outcome, or is in flight.'
      : 'The ledger is not balanced. See docs/operate/ledger.md.',
  ].join('\n\n');
}

const inOrder = ({
  account_id,
  environment,
  record,
  events,
  received_at,
  state,
}: ReturnType<typeof toListed>) => ({
  ...{ account_id, environment, record, events, received_at, state },
});

export const amountText = ({ records, events }: Amount): string =>
  `${records} ${records === 1 ? 'record' : 'records'} with ${events} ${events === 1 ? 'event' : 'events'}`;

function listOf(title: string, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const rows = findings
    .slice(0, mostRows)
    .map(({ record: { lane, record, receivedAtMs, events }, shard, outcome }) => [
      ...[lane.tenant.account, lane.tenant.environment, record, events, iso(receivedAtMs), shard],
      outcome?.state ?? 'none',
    ]);
  const more = findings.length - rows.length;
  return [
    title,
    table(['ACCOUNT', 'ENVIRONMENT', 'RECORD', 'EVENTS', 'RECEIVED', 'SHARD', 'RECEIPT'], rows) +
      (more > 0 ? `\n… and ${more} more: --json prints all.` : ''),
  ];
}
