// Quarantine entries and jobs in memory. Counting writes to it in its transactions.

import type { ReceiptChange } from '../../domain/counting/receipt.ts';
import { jobSortKey, laneKey, quarantineSortKey, type Tenant, tenantKey } from '../../domain/keys.ts';
import type { Quarantine } from '../../domain/quarantine/port.ts';
import type { Job, QuarantineEntry } from '../../domain/quarantine/quarantine.ts';
import type { RecordPlace } from '../../domain/record/record-id.ts';

const nameOf = ({ lane, record, receivedAtMs }: RecordPlace): string =>
  `${tenantKey(lane.tenant)}#${quarantineSortKey(receivedAtMs, record)}`;

const jobName = ({ dueAtMs, kind, lane, record }: Job): string =>
  jobSortKey(dueAtMs, `${kind}#${record}#${laneKey(lane)}`);

export class MemoryQuarantine implements Quarantine {
  readonly #entries = new Map<string, QuarantineEntry>();
  readonly #jobs = new Map<string, Job>();

  apply({ from, entry, job }: ReceiptChange): void {
    if (from?.state === 'quarantined') this.#entries.delete(nameOf(from));
    if (entry) this.#entries.set(nameOf(entry), entry);
    if (job) this.#jobs.set(jobName(job), job);
  }

  async *list(tenant: Tenant, fromMs: number, toMs: number): AsyncGenerator<QuarantineEntry> {
    const own = [...this.#entries.values()].filter(
      (entry) =>
        tenantKey(entry.lane.tenant) === tenantKey(tenant) &&
        entry.receivedAtMs >= fromMs &&
        entry.receivedAtMs < toMs,
    );
    yield* own.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  }

  async *newest(tenant: Tenant): AsyncGenerator<QuarantineEntry> {
    yield* (await Array.fromAsync(this.list(tenant, 0, Number.POSITIVE_INFINITY))).toReversed();
  }

  async find(place: RecordPlace): Promise<QuarantineEntry | undefined> {
    return this.#entries.get(nameOf(place));
  }

  async lease(entry: QuarantineEntry, nowMs: number, untilMs: number): Promise<boolean> {
    const found = this.#entries.get(nameOf(entry));
    if (!found || found.leaseUntilMs > nowMs) return false;
    this.#entries.set(nameOf(entry), { ...found, attempts: found.attempts + 1, leaseUntilMs: untilMs });
    return true;
  }

  async release(entry: QuarantineEntry): Promise<void> {
    const found = this.#entries.get(nameOf(entry));
    if (found) this.#entries.set(nameOf(entry), { ...found, leaseUntilMs: 0 });
  }

  async *jobs(nowMs: number): AsyncGenerator<Job> {
    const due = [...this.#jobs.values()].filter(({ dueAtMs }) => dueAtMs <= nowMs);
    yield* due.toSorted((one, other) => (jobName(one) < jobName(other) ? -1 : 1));
  }

  async schedule(job: Job): Promise<void> {
    this.#jobs.set(jobName(job), job);
  }

  async reschedule(job: Job, next: Job | undefined): Promise<boolean> {
    const isThere = this.#jobs.delete(jobName(job));
    if (isThere && next) this.#jobs.set(jobName(next), next);
    return isThere;
  }
}
