// The good events: those that are stored and counted, as readers of the API see them.

import { DynamoTenants } from '../../adapters/accounts/dynamodb-tenants.ts';
import { readReceipts } from '../../adapters/counting/dynamodb-receipts.ts';
import { DynamoPages } from '../../adapters/storing/dynamodb-pages.ts';
import type { TenantListing } from '../../domain/accounts/port.ts';
import { probeAccount } from '../../domain/accounts/probe-account.ts';
import { slotKey } from '../../domain/keys.ts';
import { isMatch } from '../../domain/reading/search-filter.ts';
import { type ShownEvent, shownEvent } from '../../domain/reading/shown-event.ts';
import { splitRecordId } from '../../domain/record/record-id.ts';
import { placeOfPage } from '../../domain/storing/pages.ts';
import type { Asked } from './asked.ts';
import type { SuiteTables } from './connect.ts';

export type GoodEvent = {
  readonly account: string;
  readonly environment: string;
  /** The `batch_id` of the answer begins with it. */
  readonly batch: string;
  /** Of the record that brought it: a batch has one, or several. */
  readonly receipt: {
    readonly status: 'stored';
    readonly stored: number;
    readonly duplicates: number;
    readonly conflicts: number;
  };
  readonly event: ShownEvent;
};

/** Those of the accounts as they are now. The platform's own account is none of a test suite's. */
export async function tenantsAsked(
  { accounts }: Pick<SuiteTables, 'accounts'>,
  asked: Pick<Asked, 'account' | 'environment'>,
): Promise<readonly TenantListing[]> {
  const listed: TenantListing[] = [];
  for await (const each of new DynamoTenants(accounts).tenants()) {
    const { account, environment } = each.tenant;
    if (account === probeAccount) continue;
    if (account === (asked.account ?? account) && environment === (asked.environment ?? environment))
      listed.push(each);
  }
  return listed;
}

/** The newest first, by `timestamp`. */
export async function readGood(tables: SuiteTables, asked: Asked): Promise<readonly GoodEvent[]> {
  const tenants = await tenantsAsked(tables, asked);
  const good = await Promise.all(
    tenants.flatMap((each) =>
      Array.from({ length: each.mostSlots }, (_, slot) => readSlot(tables, each, slot, asked)),
    ),
  );
  return good
    .flat()
    .toSorted((one, other) => (one.event.timestamp < other.event.timestamp ? 1 : -1))
    .slice(0, asked.limit);
}

async function readSlot(
  { pages, aggregates }: SuiteTables,
  { tenant }: TenantListing,
  slot: number,
  asked: Asked,
): Promise<readonly GoodEvent[]> {
  const all = await new DynamoPages(pages).read({ pk: slotKey(tenant, slot), first: '0', last: '~' });
  const found = all
    .filter(({ receivedAtMs }) => receivedAtMs >= asked.sinceMs)
    .map((page) => ({ page, place: placeOfPage(tenant, page) }))
    .filter(({ place }) => splitRecordId(place.record).seed === (asked.batch ?? seedOf(place)));
  if (found.length === 0) return [];
  const places = new Map(found.map(({ place }) => [place.record, place]));
  const receipts = await readReceipts(aggregates, [...places.values()]);
  const counted = new Map(
    receipts.filter(({ state }) => state === 'counted').map((receipt) => [receipt.record, receipt]),
  );
  return found.flatMap(({ page, place }) => {
    const receipt = counted.get(place.record);
    if (receipt === undefined) return [];
    const { stored, duplicates, conflicts } = receipt;
    return page.events
      .filter((event) => isMatch(event, asked.event))
      .map((event) => ({
        account: tenant.account,
        environment: tenant.environment,
        batch: seedOf(place),
        receipt: { status: 'stored' as const, stored, duplicates, conflicts },
        event: shownEvent(event, page.receivedAtMs),
      }));
  });
}

const seedOf = ({ record }: ReturnType<typeof placeOfPage>): string => splitRecordId(record).seed;
