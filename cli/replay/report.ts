// What became of the records of the stream that were read again, in figures, and what to do about those that failed.

import { iso } from '../../domain/system/time.ts';
import { table } from '../terminal/table.ts';
import type { Result } from '../verb.ts';
import type { Replayed, ReplayOutcome } from './records.ts';

const meanings: Readonly<Record<ReplayOutcome, string>> = {
  already_counted: 'counted before; nothing changed',
  already_quarantined: 'in quarantine for a reason of its own; quarantine list shows it',
  already_discarded: 'discarded, for good',
  already_kept: 'unreadable, in the bucket already',
  repeated: 'in the stream twice; it counts as one record',
  to_count: 'neither counted nor quarantined: would be handed to the consumer',
  counted: 'stored and counted now',
  quarantined: 'quarantined now; quarantine list shows it',
  kept: 'unreadable, and in the bucket now; quarantine list shows it',
  failed: 'not finished: a dependency of the consumer is unavailable',
  crashed: 'not finished: it ends the consumer',
};

const outcomesInOrder = Object.keys(meanings) as ReplayOutcome[];

/** Outcomes of records that were accepted and are not counted. */
const notDone: readonly ReplayOutcome[] = ['quarantined', 'kept', 'failed', 'crashed'];

export type ReplayReport = {
  readonly from: string;
  readonly to: string;
  readonly dry_run: boolean;
  readonly shards: number;
  readonly records_read: number;
  readonly by_outcome: Readonly<Partial<Record<ReplayOutcome, number>>>;
  readonly events_stored: number;
  /** Not all was read: the next records would have failed too. */
  readonly stopped: boolean;
  /** The first of those that failed. */
  readonly failed: readonly {
    readonly shard: string;
    readonly sequence_number: string;
    readonly arrived_at: string;
  }[];
};

const mostFailed = 20;

export class ReplayTally {
  readonly #counts = new Map<ReplayOutcome, number>();
  readonly #failed: Replayed[] = [];
  #read = 0;
  #stored = 0;
  #isStopped = false;

  get isStopped(): boolean {
    return this.#isStopped;
  }

  add(replayed: readonly Replayed[]): void {
    this.#read += replayed.length;
    for (const record of replayed) {
      this.#counts.set(record.outcome, (this.#counts.get(record.outcome) ?? 0) + 1);
      this.#stored += record.stored;
      const isFailed = record.outcome === 'failed' || record.outcome === 'crashed';
      if (isFailed && this.#failed.length < mostFailed) this.#failed.push(record);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  line(): string {
    const counts = this.#inOrder().map(([outcome, count]) => `${count} ${outcome}`);
    return [`${this.#read} read`, ...counts].join(', ');
  }

  report(of: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly dryRun: boolean;
    readonly shards: number;
  }): ReplayReport {
    return {
      from: iso(of.fromMs),
      to: iso(of.toMs),
      dry_run: of.dryRun,
      shards: of.shards,
      records_read: this.#read,
      by_outcome: Object.fromEntries(this.#inOrder()),
      events_stored: this.#stored,
      stopped: this.#isStopped,
      failed: this.#failed.map(({ of: { shardId, sequenceNumber, arrivedAtMs } }) => ({
        shard: shardId,
        sequence_number: sequenceNumber,
        arrived_at: iso(arrivedAtMs),
      })),
    };
  }

  #inOrder(): [ReplayOutcome, number][] {
    return outcomesInOrder.flatMap((outcome) => {
      const count = this.#counts.get(outcome);
      return count === undefined ? [] : [[outcome, count] as [ReplayOutcome, number]];
    });
  }
}

export function renderReplay(report: ReplayReport): Result {
  const { by_outcome, failed, stopped } = report;
  const isDone = !stopped && notDone.every((outcome) => by_outcome[outcome] === undefined);
  return { json: report, text: renderText(report, failed), ...(!isDone && { code: 1 as const }) };
}

function renderText(
  { from, to, shards, records_read, by_outcome, events_stored, stopped }: ReplayReport,
  failed: ReplayReport['failed'],
): string {
  const rows = Object.entries(by_outcome).map(([outcome, count]) => [
    outcome,
    count,
    meanings[outcome as ReplayOutcome],
  ]);
  return [
    `${records_read} ${records_read === 1 ? 'record' : 'records'} that arrived from ${from} to ${to}, in ${shards} shards.`,
    ...(rows.length > 0 ? [table(['OUTCOME', 'RECORDS', 'MEANS'], rows)] : []),
    ...(by_outcome.counted === undefined ? [] : [`New events stored and counted: ${events_stored}.`]),
    ...(failed.length > 0
      ? [
          table(
            ['SHARD', 'SEQUENCE NUMBER', 'ARRIVED'],
            failed.map(({ shard, sequence_number, arrived_at }) => [shard, sequence_number, arrived_at]),
          ),
          'Read the log of the function consume, fix the cause, and run the same again: records that are counted are skipped.',
        ]
      : []),
    ...(stopped ? ['It stopped before the end, because the next records would have failed too.'] : []),
  ].join('\n\n');
}
