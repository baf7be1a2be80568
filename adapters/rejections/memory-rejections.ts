// Rejections in memory.

import { type Tenant, tenantKey } from '../../domain/keys.ts';
import type { ReadHours, RejectionRange, Rejections } from '../../domain/rejections/port.ts';
import {
  countInto,
  hourOf,
  type RejectionHour,
  type RejectionRecord,
  rejectionsExpireAtMs,
  type SeenSample,
} from '../../domain/rejections/rejection-hour.ts';
import { nameOf, type RejectionName } from '../../domain/rejections/request-rejections.ts';

type Kept = {
  readonly counted: Set<string>;
  readonly hours: Map<number, RejectionHour>;
  readonly samples: Map<string, SeenSample>;
};

export class MemoryRejections implements Rejections {
  readonly #kept = new Map<string, Kept>();

  async count(tenant: Tenant, records: readonly RejectionRecord[], nowMs: number): Promise<void> {
    const kept = this.#of(tenant);
    for (const record of records) {
      if (kept.counted.has(record.record) || rejectionsExpireAtMs(record.receivedAtMs) <= nowMs) continue;
      kept.counted.add(record.record);
      const startMs = hourOf(record);
      const hour = kept.hours.get(startMs) ?? { startMs, version: 0, groups: [] };
      const counted = countInto([hour], [record]);
      for (const each of counted.hours) kept.hours.set(startMs, each);
      for (const sample of counted.samples) kept.samples.set(nameOf(sample), sample);
    }
  }

  async hours(tenant: Tenant, { fromMs, toMs }: RejectionRange, nowMs: number): Promise<ReadHours> {
    const hours = [...this.#of(tenant).hours.values()].filter(
      ({ startMs }) => startMs >= fromMs && startMs < toMs && rejectionsExpireAtMs(startMs) > nowMs,
    );
    return { hours: hours.toSorted((one, other) => other.startMs - one.startMs), fromMs };
  }

  async samples(tenant: Tenant, names: readonly RejectionName[], nowMs: number): Promise<SeenSample[]> {
    const { samples } = this.#of(tenant);
    const found = names.flatMap((name) => samples.get(nameOf(name)) ?? []);
    return found.filter(({ seenAtMs }) => rejectionsExpireAtMs(seenAtMs) > nowMs);
  }

  #of(tenant: Tenant): Kept {
    const name = tenantKey(tenant);
    const kept = this.#kept.get(name) ?? { counted: new Set(), hours: new Map(), samples: new Map() };
    this.#kept.set(name, kept);
    return kept;
  }
}
