// The platform as a model: from what is wrong in a minute to what the clients, the functions and the tables do in it. Causes
// come in, such as a disabled mapping; consequences follow, such as a backlog, its age, and what ingest sheds because of it.

import { sheddingRules } from '../../domain/limits/shedding.ts';
import { settling } from '../../domain/quarantine/quarantine.ts';
import { leastUsualEvents } from '../../domain/service-levels/usual-throughput.ts';
import { reportEveryMinutes } from '../../lib/hops/report.ts';
import { createChance, howMany } from './chance.ts';

/** What is so in a minute. */
export type Conditions = {
  /** Times the ordinary traffic of the hour. */
  readonly traffic: number;
  /** Of the batches: answered with a 5xx, and slower than promised. */
  readonly failingShare: number;
  readonly slowShare: number;
  /** More of them, whatever the traffic. */
  readonly failingBatches: number;
  readonly slowBatches: number;
  /** `failing`: the stream takes nothing, so that every batch is a 503. */
  readonly stream: 'there' | 'failing';
  /** Of the live stream. `throttled`: Lambda gives it no instance. `disabled`: its mapping does not poll. */
  readonly consumer: 'running' | 'throttled' | 'disabled';
  /** Records that it stores in a minute at most. */
  readonly consumerCapacity: number;
  readonly tables: 'there' | 'away';
  /** Requests of one account that its usage plan refuses. */
  readonly overPlan: number;
  /** `stopped`: the schedules of settle, report and review are off. */
  readonly schedules: 'running' | 'stopped';
};

export const ordinary: Conditions = {
  traffic: 1,
  failingShare: 0.0001,
  slowShare: 0.002,
  failingBatches: 0,
  slowBatches: 0,
  stream: 'there',
  consumer: 'running',
  consumerCapacity: 4000,
  tables: 'there',
  overPlan: 0,
  schedules: 'running',
};

export const eventsOfBatch = 5;
const readsOfBatch = 0.5;
/** Of the batches: from accounts that are shed first. */
const shedFirstShare = 0.7;
/** Callers that authorize knows are served for so long without its table. */
const knownCallersMinutes = 10;
const ledgerMinutes = 15;
/** An invocation of consume keeps its records for so long until it is handed them again. */
const heldMinutes = 14;
const minutesOfDay = 1440;

/** Batches a minute: 10 at three in the night, 200 at three in the afternoon, and half of that at the weekend. */
export function usualBatches(minute: number): number {
  const byDay = (1 - Math.cos((2 * Math.PI * ((minute % minutesOfDay) - 180)) / minutesOfDay)) / 2;
  // The first day of the epoch was a Thursday.
  const isWeekend = (Math.floor(minute / minutesOfDay) + 3) % 7 >= 5;
  return (10 + 190 * byDay) * (isWeekend ? 0.5 : 1);
}

/** What happened in a minute. */
export type Happened = ReturnType<World['pass']>;

type Waiting = { readonly minute: number; records: number };

export class World {
  private readonly chance: () => number;
  /** Records in the live stream, the oldest first. */
  private readonly waiting: Waiting[] = [];
  private sheddingLevel = 0;
  private minutesWithoutTables = 0;
  /** Records that were stored in the hour that runs, and in the one before. */
  private readonly storedIn = { hour: 0, before: 0 };

  constructor(seed: number) {
    this.chance = createChance(seed);
  }

  pass(minute: number, conditions: Conditions) {
    const { tables, stream, overPlan, schedules } = conditions;
    this.minutesWithoutTables = tables === 'away' ? this.minutesWithoutTables + 1 : 0;
    const isLetIn = this.minutesWithoutTables <= knownCallersMinutes;
    const some = (mean: number) => howMany(mean, this.chance);

    const clients = some(conditions.traffic * usualBatches(minute));
    // The probe sends one too.
    const batches = clients + 1;
    const invalid = Math.min(batches, some(clients * 0.005));
    const shed = Math.min(batches - invalid, some(clients * this.sheddingShare()));
    const candidates = batches - invalid - shed;
    const isOpen = stream === 'there' && isLetIn;
    const failed = isOpen
      ? Math.min(candidates, some(candidates * conditions.failingShare) + conditions.failingBatches)
      : candidates;
    const accepted = candidates - failed;
    const slow = Math.min(accepted, some(accepted * conditions.slowShare) + conditions.slowBatches);

    const consumed = this.consume(minute, accepted, conditions);
    if (minute % 60 === 0) Object.assign(this.storedIn, { hour: 0, before: this.storedIn.hour });
    this.storedIn.hour += consumed.stored;
    const reads = some(conditions.traffic * usualBatches(minute) * readsOfBatch) + 1;
    const failedReads = tables === 'away' ? reads : some(reads * 0.0001);
    const isProbeStored = accepted > 0 && this.chance() >= failed / candidates && consumed.isPrompt;
    const every = (minutes: number) => schedules === 'running' && minute % minutes === 0;
    return {
      tables,
      ...{ batches, invalid, shed, failed, accepted, slow, overPlan },
      isLetIn,
      breakerOpenings: stream === 'failing' ? 2 : 0,
      ...{ reads, failedReads },
      ...consumed,
      probeSucceeded: isProbeStored && tables === 'there' ? 1 : 0,
      settles: every(settling.sweepEveryMinutes),
      reports: every(reportEveryMinutes),
      throughputPercent: this.throughputPercent(minute, conditions.traffic),
      reviews: every(60),
      missingRecords: this.recordsOlderThan(minute, ledgerMinutes),
      inFlight: this.recordsOlderThan(minute, 0),
    };
  }

  /** Of the last full hour. Undefined where too little is usual to tell. */
  private throughputPercent(minute: number, traffic: number): number | undefined {
    const halfway = minute - (minute % 60) - 30;
    const usual =
      60 * traffic * Math.min(...[1, 7].map((days) => usualBatches(halfway - days * minutesOfDay)));
    return usual * eventsOfBatch < leastUsualEvents ? undefined : (100 * this.storedIn.before) / usual;
  }

  private consume(minute: number, accepted: number, { consumer, consumerCapacity, tables }: Conditions) {
    if (accepted > 0) this.waiting.push({ minute, records: accepted });
    const arrivedOldest = this.waiting[0]?.minute ?? minute;
    const isStoring = consumer === 'running' && tables === 'there';
    let left = isStoring ? consumerCapacity : 0;
    let stored = 0;
    let fresh = 0;
    while (left > 0) {
      const [oldest] = this.waiting;
      if (oldest === undefined) break;
      const taken = Math.min(left, oldest.records);
      oldest.records -= taken;
      left -= taken;
      stored += taken;
      if (oldest.minute === minute) fresh += taken;
      if (oldest.records === 0) this.waiting.shift();
    }
    const ageMinutes = minute - arrivedOldest;
    const isHeld = consumer === 'running' && tables === 'away';
    // It measures the age of what it hands over, and of what it holds only once.
    const isMeasured = isStoring ? stored > 0 : isHeld && this.minutesWithoutTables % heldMinutes === 1;
    this.shedFor(isStoring ? ageMinutes : undefined);
    const late = Math.min(fresh, howMany(fresh * 0.005, this.chance));
    return {
      consumer,
      stored,
      fresh: fresh - late,
      ageMs: isMeasured ? ageMinutes * 60_000 + 500 : undefined,
      held: isHeld ? this.recordsOlderThan(minute, 0) : 0,
      /** Within the seconds for which the probe waits. */
      isPrompt: isStoring && this.waiting.length === 0,
    };
  }

  private shedFor(ageMinutes: number | undefined): void {
    if (ageMinutes === undefined) this.sheddingLevel = 0;
    else
      this.sheddingLevel = sheddingRules.levels.filter(
        ({ enterMs, leaveMs }, below) =>
          ageMinutes * 60_000 >= (this.sheddingLevel > below ? leaveMs : enterMs),
      ).length;
  }

  private sheddingShare(): number {
    return [0, shedFirstShare, 1][this.sheddingLevel] ?? 0;
  }

  private recordsOlderThan(minute: number, minutes: number): number {
    return this.waiting
      .filter((each) => each.minute <= minute - minutes)
      .reduce((sum, { records }) => sum + records, 0);
  }
}
