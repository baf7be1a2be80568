// What went wrong with what was sent: rejected events, requests that nobody could read, and quarantined records.

import { DynamoQuarantine } from '../../adapters/quarantine/dynamodb-quarantine.ts';
import { DynamoRejections } from '../../adapters/rejections/dynamodb-rejections.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import type { Tenant } from '../../domain/keys.ts';
import { isMatch } from '../../domain/reading/search-filter.ts';
import type { KeptRequest } from '../../domain/rejections/port.ts';
import { groupName, type RejectionGroup } from '../../domain/rejections/rejection-hour.ts';
import { unreadableRequests } from '../../domain/rejections/request-rejections.ts';
import { hourMs, iso } from '../../domain/system/time.ts';
import type { Asked } from './asked.ts';
import type { SuiteTables } from './connect.ts';
import { tenantsAsked } from './good.ts';

export type BadKind = 'rejected' | 'unreadable' | 'quarantined';

export type BadEvent = {
  readonly kind: BadKind;
  readonly account: string;
  readonly environment: string;
  readonly code: string;
  readonly field?: string;
  readonly message?: string;
  /** As it was sent. Absent where it is not known: of requests that cannot be read, and of quarantined records. */
  readonly event?: unknown;
  /** 1 for an event. Requests that are alike are told together, and so are the events of a quarantined record. */
  readonly count: number;
  readonly received_at: string;
  readonly request_id?: string;
  readonly key_id?: string;
  readonly client?: string;
  readonly batch?: string;
};

/** The newest first, by when they were received. */
export async function readBad(
  tables: SuiteTables,
  asked: Asked,
  nowMs: number,
): Promise<readonly BadEvent[]> {
  const tenants = await tenantsAsked(tables, asked);
  const bad = await Promise.all(
    tenants.flatMap(({ tenant }) => [readRejected(tables, tenant, nowMs), readQuarantined(tables, tenant)]),
  );
  return bad
    .flat()
    .filter((each) => isAskedFor(each, asked))
    .toSorted((one, other) => (one.received_at < other.received_at ? 1 : -1))
    .slice(0, asked.limit);
}

function isAskedFor(bad: BadEvent, { sinceMs, batch, code, field, event, asksEvent }: Asked): boolean {
  return (
    Date.parse(bad.received_at) >= sinceMs &&
    bad.batch === (batch ?? bad.batch) &&
    bad.code === (code ?? bad.code) &&
    bad.field === (field ?? bad.field) &&
    (!asksEvent || isMatch(Object(bad.event) as AcceptedEvent, event))
  );
}

/** Events one by one where the account keeps them; else what was counted of them, with the last sample. */
async function readRejected(
  { aggregates }: SuiteTables,
  tenant: Tenant,
  nowMs: number,
): Promise<readonly BadEvent[]> {
  const rejections = new DynamoRejections(aggregates);
  // Kept events are written before they are counted: read in this order, none is told twice.
  const { hours } = await rejections.hours(tenant, { fromMs: 0, toMs: nowMs + hourMs }, nowMs);
  if (hours.length === 0) return [];
  const groups = hours.flatMap(({ groups }) => groups);
  const requests = await readAllKept(rejections, tenant, nowMs);
  const place = { account: tenant.account, environment: tenant.environment };
  const kept = requests.flatMap(({ events, receivedAtMs, requestId, keyId, client }) =>
    events.map(({ code, field, message, event }) => ({
      ...{ kind: kindOf(code), ...place, code, ...(field !== '' && { field }), message, event, count: 1 },
      ...{ received_at: iso(receivedAtMs), request_id: requestId, key_id: keyId, client },
    })),
  );
  const keptOf = Map.groupBy(kept, ({ code, field = '', key_id: keyId, client }) =>
    groupName({ code, field, keyId, client }),
  );
  const rest: readonly RejectionGroup[] = groups.flatMap((group) => {
    const name = groupName(group);
    const told = keptOf.get(name)?.splice(0, group.count).length ?? 0;
    return told < group.count ? [{ ...group, count: group.count - told }] : [];
  });
  const samples = rest.length === 0 ? [] : await rejections.samples(tenant, rest.slice(0, 100), nowMs);
  const counted = rest.map(({ code, field, keyId, client, count, lastMs }): BadEvent => {
    const sample = samples.find((each) => each.code === code && each.field === field);
    return {
      ...{ kind: kindOf(code), ...place, code, ...(field !== '' && { field }) },
      ...(sample && { message: sample.message }),
      ...(sample?.event !== undefined && { event: JSON.parse(sample.event) }),
      ...{ count, received_at: iso(lastMs), key_id: keyId, client },
    };
  });
  return [...kept, ...counted];
}

async function readAllKept(
  rejections: DynamoRejections,
  tenant: Tenant,
  nowMs: number,
): Promise<readonly KeptRequest[]> {
  const requests: KeptRequest[] = [];
  for (let page = await rejections.kept(tenant, { most: 100 }, nowMs); ; ) {
    requests.push(...page.requests);
    if (page.next === undefined) return requests;
    page = await rejections.kept(tenant, { most: 100, before: page.next }, nowMs);
  }
}

const kindOf = (code: string): BadKind =>
  unreadableRequests.some((each) => each === code) ? 'unreadable' : 'rejected';

async function readQuarantined({ ledger }: SuiteTables, tenant: Tenant): Promise<readonly BadEvent[]> {
  const bad: BadEvent[] = [];
  for await (const entry of new DynamoQuarantine(ledger).newest(tenant))
    bad.push({
      ...{ kind: 'quarantined', account: tenant.account, environment: tenant.environment },
      ...{ code: entry.reason, count: entry.events, received_at: iso(entry.receivedAtMs) },
      ...{ request_id: entry.requestId, batch: entry.record.split('.')[0] ?? '' },
    });
  return bad;
}
