// What became of the records that an operator replayed or discarded, and what to do about those that are still in
// quarantine.

import type { QuarantineEntry, SettleAnswer, SettleRequest } from '../../domain/quarantine/quarantine.ts';
import type { RecordPlace } from '../../domain/record/record-id.ts';
import { table } from '../terminal/table.ts';
import type { Result } from '../verb.ts';

/** crashed: the function itself failed. not_tried: it could not be called for this record, or failed for those before. */
export type SettleOutcome = SettleAnswer['outcome'] | 'crashed' | 'not_tried';

/** A record to settle: an entry of the list, or a record that was named and is known by its receipt. */
export type Candidate = RecordPlace & Pick<QuarantineEntry, 'events'>;

export type Settled = {
  readonly of: Candidate;
  readonly outcome: SettleOutcome;
  readonly answer?: SettleAnswer;
  readonly cause?: string;
};

type Meaning = {
  readonly means: string;
  /** What to do about a record that is still in quarantine. */
  readonly next?: string;
};

export const outcomes: Readonly<Record<SettleOutcome, Meaning>> = {
  stored: { means: 'stored and counted, out of quarantine' },
  discarded: { means: 'removed for good: its events will never count' },
  not_in_quarantine: { means: 'not in quarantine: counted or discarded before' },
  busy: {
    means: 'leased by another replay, such as a scheduled one',
    next: 'run it again in some minutes; a lease ends after 17 minutes at the latest',
  },
  payload_gone: {
    means: 'the bucket no longer has its payload',
    next: 'it cannot be replayed any more; discard it. Its ids stay taken until its events would have expired',
  },
  undecodable: {
    means: 'its events cannot be read',
    next: 'look at it with show; if a newer version can read it, deploy that and replay again',
  },
  newer_version: {
    means: 'a later release wrote it',
    next: 'deploy that release again, or a later one, then replay again',
  },
  failed: {
    means: 'our code failed at it, as before',
    next: 'fix what the cause names and deploy it, then replay again',
  },
  unavailable: {
    means: 'the tables or the bucket are unavailable; the state of the record is unknown',
    next: 'run it again when they are available; the log of the function settle names what did not answer',
  },
  crashed: {
    means: 'the function settle ended in an error',
    next: 'read the log of the function settle, fix the cause, then run it again',
  },
  not_tried: {
    means: 'the function settle could not be called, or failed many times in a row',
    next: 'check that the stage is deployed and healthy, and that your credentials may call its functions, then run it again',
  },
};

export function renderSettled(action: SettleRequest['action'], settled: readonly Settled[]): Result {
  const groups = [...Map.groupBy(settled, ({ outcome }) => outcome)];
  const stayed = groups.filter(([outcome]) => outcomes[outcome].next);
  const sum = (of: 'stored' | 'duplicates' | 'conflicts') =>
    settled.reduce((total, { answer }) => total + (answer?.outcome === 'stored' ? answer[of] : 0), 0);
  const events = { stored: sum('stored'), duplicates: sum('duplicates'), conflicts: sum('conflicts') };
  const text = [
    table(
      ['OUTCOME', 'RECORDS', 'MEANS'],
      groups.map(([outcome, of]) => [outcome, of.length, outcomes[outcome].means]),
    ),
    ...(groups.some(([outcome]) => outcome === 'stored')
      ? [
          `Of their events ${events.stored} stored, ${events.duplicates} duplicates, ${events.conflicts} conflicts.`,
        ]
      : []),
    ...stayed.map(([outcome, of]) => [`${outcome}: ${outcomes[outcome].next}`, ...examples(of)].join('\n')),
  ].join('\n\n');
  return {
    json: {
      action,
      by_outcome: Object.fromEntries(groups.map(([outcome, of]) => [outcome, of.length])),
      events,
      records: settled.map(toJson),
    },
    text,
    ...(stayed.length > 0 && { code: 1 as const }),
  };
}

const mostExamples = 10;

function examples(settled: readonly Settled[]): string[] {
  const more = settled.length - mostExamples;
  return [
    ...settled
      .slice(0, mostExamples)
      .map(
        ({ of: { lane, record }, cause }) =>
          `  --account ${lane.tenant.account} --environment ${lane.tenant.environment} --record ${record}${cause === undefined ? '' : `  (${cause})`}`,
      ),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
}

const toJson = ({ of: { lane, record }, outcome, cause }: Settled) => ({
  account_id: lane.tenant.account,
  environment: lane.tenant.environment,
  record,
  outcome,
  ...(cause !== undefined && { cause }),
});
