// All items of the tables, read through the twin's proxy as an operator reads them, and decoded by the domain's functions.

import { createHash } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { fromListItem, fromReceiptItem, fromRunItem } from '../../adapters/counting/dynamodb-lane-items.ts';
import { fromEntryItem } from '../../adapters/quarantine/dynamodb-quarantine-items.ts';
import { fromPageItem } from '../../adapters/storing/dynamodb-page-items.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import type { Run } from '../../domain/counting/runs.ts';
import { hoursOfFields } from '../../domain/documents/day-hours.ts';
import type { DocumentFields } from '../../domain/documents/documents.ts';
import type { HourCounts } from '../../domain/documents/hour.ts';
import { hourFromFields, hourFromWire } from '../../domain/documents/hour-wire.ts';
import { type Intake, intakeFromFields } from '../../domain/documents/intake.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import {
  type Lane,
  type Position,
  quarantineKeyPrefix,
  tallyKeyPrefix,
  tenantKey,
  tenantOfKey,
} from '../../domain/keys.ts';
import type { QuarantineEntry } from '../../domain/quarantine/quarantine.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import { groupsFromBytes, type RejectionGroup } from '../../domain/rejections/rejection-hour.ts';
import { recordOfPointer } from '../../domain/storing/pages.ts';
import { type TalliedRecord, unpackTallied } from '../../domain/tally/sheet.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { type KeptLink, toLink } from './claim-links.ts';

export const operatorCredentials = { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' };
export const operatorConnection = (twin: Pick<RunningWeir, 'proxyUrl'>) => ({
  endpoint: twin.proxyUrl,
  region: 'us-east-1',
  credentials: operatorCredentials,
});

type Item = Readonly<Record<string, unknown>>;

/** `account#environment#generation`, the prefix of all keys. */
export type Owner = string;

export type KeptIdentity = {
  readonly owner: Owner;
  readonly eventId: string;
  /** `slot#sort key` of the page. */
  readonly page: string;
  readonly record: RecordId;
  readonly digest: Uint8Array;
  readonly untilMs: number;
};

export type KeptPage = {
  readonly owner: Owner;
  /** The form in which identities name a page. */
  readonly pointer: string;
  readonly record: RecordId;
  readonly slot: string;
  readonly eventCount: number;
  readonly receivedAtMs: number;
  readonly ttl: number;
  readonly events: readonly AcceptedEvent[];
};

/** `account#environment#generation#slot`, and `#late` behind it. */
export type LaneName = string;

export type KeptList = {
  readonly lane: LaneName;
  /** Of its run. */
  readonly start: Position;
  readonly positions: readonly Position[];
};

export type KeptDocument<Kind, Content> = {
  readonly kind: Kind;
  readonly lane: LaneName;
  readonly hourMs: number;
  readonly version: number;
  readonly foldedTo: Position;
  readonly expiresAtMs: number;
  readonly content: Content;
};

export type KeptDay<Content> = {
  readonly owner: Owner;
  readonly dayMs: number;
  readonly mark: number;
  readonly slots: number;
  /** Of each lane, live and late ones in turn. */
  readonly foldedTo: readonly Position[];
  readonly content: Content;
};
/** By hour of the day. It has no users. */
export type HoursOfDay = ReadonlyMap<number, HourCounts>;

export type KeptMark = { readonly owner: Owner; readonly dayMs: number; readonly times: number };

export type KeptRejections = { readonly owner: Owner; readonly groups: readonly RejectionGroup[] };

export type Tables = {
  /** Claimed singly. */
  readonly identities: readonly KeptIdentity[];
  readonly links: readonly KeptLink[];
  readonly pages: readonly KeptPage[];
  readonly hours: readonly KeptDocument<'hour', HourCounts>[];
  readonly intakes: readonly KeptDocument<'intake', Intake>[];
  readonly days: readonly KeptDay<HourCounts>[];
  readonly hoursOfDays: readonly KeptDay<HoursOfDay>[];
  readonly marks: readonly KeptMark[];
  readonly receipts: readonly Receipt[];
  readonly runs: readonly Run[];
  readonly lists: readonly KeptList[];
  readonly quarantine: readonly QuarantineEntry[];
  /** Of all tally sheets, and the sequence numbers on them. */
  readonly tallied: readonly TalliedRecord[];
  readonly unreadable: readonly string[];
  /** By hour. */
  readonly rejections: readonly KeptRejections[];
  /** A digest of every item, by table and key, so that a change of a single byte shows. */
  readonly digests: ReadonlyMap<string, string>;
};

const names = ['Identities', 'ClaimLogs', 'Pages', 'Aggregates', 'Ledger'] as const;

export async function readTables(twin: RunningWeir): Promise<Tables> {
  const client = createDocumentClient(workTimeouts, operatorConnection(twin));
  try {
    const tables = await Promise.all(
      names.map(async (name) => [name, await scan(client, tableNameOf(twin, name))] as const),
    );
    return decode(Object.fromEntries(tables) as Record<(typeof names)[number], Item[]>);
  } finally {
    client.destroy();
  }
}

export function tableNameOf(twin: Pick<RunningWeir, 'template'>, name: string): string {
  const table = twin.template
    .resources('AWS::DynamoDB::Table')
    .find(({ logicalId }) => logicalId.startsWith(`Tables${name}`));
  if (table === undefined) throw new Error(`The template has no table ${name}.`);
  return table.name;
}

async function scan(client: DynamoDBDocumentClient, TableName: string): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const answer = await client.send(
      new ScanCommand({ TableName, ConsistentRead: true, ...(start && { ExclusiveStartKey: start }) }),
    );
    items.push(...(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
  } while (start);
  return items;
}

function decode(items: Readonly<Record<(typeof names)[number], readonly Item[]>>): Tables {
  const { Identities, ClaimLogs, Pages, Aggregates, Ledger } = items;
  const sheets = Ledger.filter(({ pk, tallied }) => String(pk).startsWith(tallyKeyPrefix) && tallied);
  const ofKind = (kind: string) => Aggregates.filter(({ sk }) => String(sk).startsWith(`${kind}#`));
  return {
    identities: Identities.map(toIdentity),
    links: ClaimLogs.map(toLink),
    pages: Pages.map(toPageOnce),
    hours: ofKind('hour').map((item) => toDocument('hour', item, hourFromFields)),
    intakes: ofKind('intake').map((item) => toDocument('intake', item, intakeFromFields)),
    days: ofKind('day').map((item) => toDay(item, hourFromFields)),
    hoursOfDays: ofKind('hours').map((item) => toDay(item, toHoursOfDay)),
    marks: ofKind('mark').map(toMark),
    receipts: ofKind('r').map((item) => fromReceiptItem(laneOfPartition(item), item)),
    runs: ofKind('run').map((item) => fromRunItem(laneOfPartition(item), item)),
    lists: ofKind('list').map(toList),
    rejections: ofKind('rejected').map(({ pk, groups }) => ({
      owner: tenantKey(tenantOfKey(String(pk))),
      groups: groupsFromBytes(groups as Uint8Array),
    })),
    tallied: sheets.flatMap(({ tallied }) => unpackTallied(tallied as Uint8Array)),
    unreadable: sheets.flatMap(({ unreadable }) => (unreadable as string[] | undefined) ?? []),
    quarantine: Ledger.filter(({ pk }) => String(pk).startsWith(quarantineKeyPrefix)).map(fromEntryItem),
    digests: new Map(
      names.flatMap((name) =>
        items[name].map((item) => [`${name} ${item.pk} ${item.sk ?? ''}`, digestOfItem(item)] as const),
      ),
    ),
  };
}

const countPrefix = 'count#';

function laneOfPartition({ pk }: Item): Lane {
  const [account = '', environment = '', generation, slot, late] = String(pk)
    .slice(countPrefix.length)
    .split('#');
  const tenant = { account, environment, generation: Number(generation) };
  return { tenant, slot: Number(slot), late: late !== undefined };
}

function toList(item: Item): KeptList {
  const { positions } = fromListItem(item);
  return {
    lane: String(item.pk).slice(countPrefix.length),
    start: String(item.sk).slice('list#'.length),
    positions,
  };
}

function toIdentity({ pk, p, d, u }: Item): KeptIdentity {
  const [account, environment, generation, ...id] = String(pk).split('#');
  const page = String(p);
  return {
    owner: `${account}#${environment}#${generation}`,
    eventId: id.join('#'),
    page,
    record: recordOfPointer(page),
    digest: d as Uint8Array,
    untilMs: Number(u),
  };
}

/** Every page is read again and again, and hardly one ever changes: by its digest it is decoded once. */
const decodedPages = new Map<string, KeptPage>();

function toPageOnce(item: Item): KeptPage {
  const digest = digestOfItem(item);
  const page = decodedPages.get(digest) ?? toPage(item);
  decodedPages.set(digest, page);
  return page;
}

function toPage(item: Item): KeptPage {
  const { pk, sk, receivedAtMs, events } = fromPageItem(item);
  const [account, environment, generation, slot = ''] = pk.split('#');
  const pointer = `${slot}#${sk}`;
  return {
    owner: `${account}#${environment}#${generation}`,
    pointer,
    record: recordOfPointer(pointer),
    slot,
    eventCount: Number(item.n),
    receivedAtMs,
    ttl: Number(item.ttl),
    events,
  };
}

function toDocument<Kind, Content>(
  kind: Kind,
  { pk, sk, version, foldedTo, expires, ttl: _, ...fields }: Item,
  read: (fields: DocumentFields) => Content,
): KeptDocument<Kind, Content> {
  return {
    kind,
    lane: String(pk),
    hourMs: Date.parse(`${String(sk).split('#')[1]}:00:00.000Z`),
    version: Number(version),
    foldedTo: String(foldedTo),
    expiresAtMs: Number(expires),
    content: read(fields as DocumentFields),
  };
}

const ownerAndDay = ({ pk, sk }: Item) => ({
  owner: String(pk).split('#').slice(0, 3).join('#'),
  dayMs: Date.parse(String(sk).split('#')[1] ?? ''),
});

const toDay = <Content>(item: Item, read: (fields: DocumentFields) => Content): KeptDay<Content> => ({
  ...ownerAndDay(item),
  mark: Number(item.mark),
  slots: Number(item.slots),
  foldedTo: item.foldedTo as Position[],
  content: read(item as DocumentFields),
});

const toHoursOfDay = (fields: DocumentFields): HoursOfDay =>
  new Map(hoursOfFields(fields).map(([hour, wire]) => [hour, hourFromWire(wire)]));

const toMark = (item: Item): KeptMark => ({ ...ownerAndDay(item), times: Number(item.times) });

function digestOfItem(item: Item): string {
  const fields = Object.keys(item)
    .toSorted()
    .map((name) => {
      const value = item[name];
      if (value instanceof Uint8Array) return [name, Buffer.from(value).toString('base64')];
      return [name, value instanceof Set ? [...value].toSorted() : value];
    });
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64');
}
