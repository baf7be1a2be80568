// What must hold for every record and its events: each is stored once or has a reason why not, and the receipt adds up.

import { digestOf } from '../../domain/event/digest.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import type { AccountAtRest } from './account-at-rest.ts';
import { type AcceptedRecord, canClaim, isMadeHere } from './records.ts';

export function faultsOfRecord(account: AccountAtRest, record: AcceptedRecord): string[] {
  const receipt = account.receiptOf(record);
  if (!receipt) return ['has no receipt'];
  const { state, accepted, stored, duplicates, conflicts } = receipt;
  const sum = stored + duplicates + conflicts + (state === 'counted' ? 0 : accepted);
  const ids = account.idsOnPages(record);
  const isCounted = state === 'counted';
  const faults: Readonly<Record<string, boolean>> = {
    'has a receipt that does not add up': sum !== accepted || accepted !== record.events.length,
    'has a receipt with another count than its stored events':
      isCounted && account.stored(record).length !== stored,
    'has an event on two pages': new Set(ids).size < ids.length,
    'is discarded and still has pages':
      state === 'discarded' && ids.length > 0 && account.nowMs <= record.untilMs,
    'is discarded and still holds the ids that it made':
      state === 'discarded' &&
      receipt.freedAtMs === undefined &&
      account.nowMs <= record.untilMs &&
      record.plan.kind !== 'unreadable' &&
      record.events.some(isMadeHere),
  };
  return [
    ...Object.keys(faults).filter((fault) => faults[fault]),
    ...record.events.flatMap((event) => faultsOfClaim(account, record, event)),
    ...(isCounted ? record.events.flatMap((event) => faultsOfEvent(account, record, event)) : []),
  ];
}

/** A claim without its event would turn every resend into a duplicate of nothing. */
function faultsOfClaim(account: AccountAtRest, record: AcceptedRecord, event: AcceptedEvent): string[] {
  const claim = account.claimOn(event);
  if (claim?.record !== record.record || claim.untilMs < account.nowMs) return [];
  const state = account.stateOf(record);
  if (state === 'discarded') return [`is discarded and still claims ${event.event_id}`];
  const isStored = state !== 'counted' || account.stored(record).includes(event);
  return isStored ? [] : [`claims ${event.event_id} and has not stored it`];
}

function faultsOfEvent(account: AccountAtRest, record: AcceptedRecord, event: AcceptedEvent): string[] {
  const { event_id } = event;
  const outcome = account.outcomeOf(record, event);
  const isOnPage = account.idsOnPages(record).includes(event_id);
  const others = account.othersWith(record, event);
  // After its retention its id may belong to another record, and a late try no longer writes it.
  const isOver = others.some((other) => other.receivedAtMs > record.untilMs);
  const faults =
    isOnPage === (outcome === 'mine') || isOver
      ? []
      : [`counted ${event_id} as ${outcome} and ${isOnPage ? 'has' : 'does not have'} it on a page`];
  if (outcome === 'mine') return [...faults, ...faultsOfStored(account, record, event)];
  const isExplained = others.some((other) => explains(account, other, record, event));
  return isExplained ? faults : [...faults, `counted ${event_id} as ${outcome} of nothing`];
}

/** Whether the other record came first, with the same or another event, while its claim was valid. */
function explains(
  account: AccountAtRest,
  other: AcceptedRecord,
  record: AcceptedRecord,
  event: AcceptedEvent,
): boolean {
  const first = other.events.find(({ event_id }) => event_id === event.event_id);
  if (!first || !(canClaim(other) || isMadeHere(first))) return false;
  if (record.receivedAtMs > account.claimUntilMs(other, first)) return false;
  const isSame = Buffer.compare(digestOf(first), digestOf(event)) === 0;
  if (isSame !== (account.outcomeOf(record, event) === 'duplicate')) return false;
  const { state, storedAtMs = 0 } = account.receiptOf(other) ?? {};
  // A record that is replayed after its retention may find its ids claimed by another.
  return state !== 'counted' || account.stored(other).includes(first) || storedAtMs > other.untilMs;
}

function faultsOfStored(account: AccountAtRest, record: AcceptedRecord, event: AcceptedEvent): string[] {
  const { event_id } = event;
  const faults = account
    .othersWith(record, event)
    .filter((other) => account.stateOf(other) !== 'discarded')
    .filter((other) => account.idsOnPages(other).includes(event_id) && !canBothHold(account, record, other))
    .map(({ name }) => `stores ${event_id}, and so does ${name}`);
  if (account.nowMs > record.untilMs) return faults;
  const claim = account.claimOn(event);
  // Its receipt holds the id.
  if (isMadeHere(event)) return faults;
  if (claim?.record !== record.record) return [...faults, `stores ${event_id} without its claim`];
  const found = account.foundOn(event)?.record;
  if (found !== record.record) faults.push(`stores ${event_id}, and look-up finds ${found}`);
  const isThere = account.pageAt(claim.page)?.events.some((each) => each.event_id === event_id);
  return isThere ? faults : [...faults, `claims ${event_id} for a page that does not hold it`];
}

/** One was received after the retention of the other, or tried after the guards of the other had expired. */
function canBothHold(account: AccountAtRest, one: AcceptedRecord, other: AcceptedRecord): boolean {
  const lastTriedMs = (record: AcceptedRecord) =>
    account.stateOf(record) === 'counted' ? (account.receiptOf(record)?.storedAtMs ?? 0) : account.nowMs;
  const follows = (later: AcceptedRecord, earlier: AcceptedRecord) =>
    later.receivedAtMs > earlier.untilMs || lastTriedMs(later) > earlier.guardsUntilMs;
  return follows(one, other) || follows(other, one);
}
