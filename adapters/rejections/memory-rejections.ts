// Rejections in memory.

import { positionOf, type Tenant, tenantKey } from '../../domain/keys.ts';
import type { RejectionName } from '../../domain/rejections/kept-events.ts';
import { keptExpireAtMs } from '../../domain/rejections/kept-events.ts';
import type {
  KeptPage,
  KeptRequest,
  ReadHours,
  ReadKept,
  RejectionRange,
  Rejections,
} from '../../domain/rejections/port.ts';
import {
  countInto,
  hourOf,
  type RejectionHour,
  type RejectionRecord,
  rejectionsExpireAtMs,
  type SeenSample,
} from '../../domain/rejections/rejection-hour.ts';
import { nameOf } from '../../domain/rejections/request-rejections.ts';

type Kept = {
  readonly counted: Set<string>;
  readonly hours: Map<number, RejectionHour>;
  readonly samples: Map<string, SeenSample>;
  readonly requests: KeptRequest[];
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
      kept.requests.push(...requestsOf(record));
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

  async kept(tenant: Tenant, { before, most }: KeptPage, nowMs: number): Promise<ReadKept> {
    const last = before && positionOf(before.receivedAtMs, before.record);
    const requests = this.#of(tenant)
      .requests.map((request) => ({ request, at: positionOf(request.receivedAtMs, request.record) }))
      .filter(({ request, at }) => request.expiresAtMs > nowMs && (last === undefined || at < last))
      .toSorted((one, other) => (one.at < other.at ? 1 : -1))
      .map(({ request }) => request);
    const page = requests.slice(0, most);
    return { requests: page, ...(requests.length > most && { next: page.at(-1) }) };
  }

  #of(tenant: Tenant): Kept {
    const name = tenantKey(tenant);
    const kept = this.#kept.get(name) ?? {
      counted: new Set(),
      hours: new Map(),
      samples: new Map(),
      requests: [],
    };
    this.#kept.set(name, kept);
    return kept;
  }
}

function requestsOf({ record, receivedAtMs, requestId, rejections }: RejectionRecord): KeptRequest[] {
  const { kept, keyId, client } = rejections;
  if (!kept) return [];
  const { events, leftOut } = kept;
  const expiresAtMs = keptExpireAtMs(receivedAtMs, kept);
  return [{ record, receivedAtMs, requestId, keyId, client, events, leftOut, expiresAtMs }];
}
