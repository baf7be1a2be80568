// All items of the tables, read through the twin's proxy as an operator reads them, and decoded by the domain's functions.

import { createHash } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { fromEntryItem } from '../../adapters/quarantine/dynamodb-quarantine-items.ts';
import { fromPageItem } from '../../adapters/storing/dynamodb-page-items.ts';
import { fromReceiptItem } from '../../adapters/storing/dynamodb-receipt-items.ts';
import type { DocumentFields } from '../../domain/documents/documents.ts';
import { type HourCounts, hourFromFields } from '../../domain/documents/hour.ts';
import { type Intake, intakeFromFields } from '../../domain/documents/intake.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { quarantineKeyPrefix } from '../../domain/keys.ts';
import type { QuarantineEntry } from '../../domain/quarantine/quarantine.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import { recordOfPointer } from '../../domain/storing/pages.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import type { RunningWeir } from '../../local/weir.ts';

export const operatorCredentials = { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' };
export const operatorConnection = (twin: Pick<RunningWeir, 'proxyUrl'>) => ({
  endpoint: twin.proxyUrl,
  region: 'us-east-1',
  credentials: operatorCredentials,
});

type Item = Readonly<Record<string, unknown>>;

/** `account#environment`, the prefix of all keys. */
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

export type KeptDocument<Kind, Content> = {
  readonly kind: Kind;
  readonly owner: Owner;
  readonly slot: string;
  readonly hourMs: number;
  readonly version: number;
  readonly expiresAtMs: number;
  readonly content: Content;
};

export type Tables = {
  readonly identities: readonly KeptIdentity[];
  readonly pages: readonly KeptPage[];
  readonly hours: readonly KeptDocument<'hour', HourCounts>[];
  readonly intakes: readonly KeptDocument<'intake', Intake>[];
  readonly receipts: readonly Receipt[];
  readonly quarantine: readonly QuarantineEntry[];
  /** A digest of every item, by table and key, so that a change of a single byte shows. */
  readonly digests: ReadonlyMap<string, string>;
};

const names = ['Identities', 'Pages', 'Aggregates', 'Ledger'] as const;

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
  const { Identities, Pages, Aggregates, Ledger } = items;
  const ofKind = (kind: string) => Aggregates.filter(({ sk }) => String(sk).startsWith(`${kind}#`));
  const keyed = (prefix: string) => Ledger.filter(({ pk }) => String(pk).startsWith(prefix));
  return {
    identities: Identities.map(toIdentity),
    pages: Pages.map(toPage),
    hours: ofKind('hour').map((item) => toDocument('hour', item, hourFromFields)),
    intakes: ofKind('intake').map((item) => toDocument('intake', item, intakeFromFields)),
    receipts: keyed('receipt#').map(fromReceiptItem),
    quarantine: keyed(quarantineKeyPrefix).map(fromEntryItem),
    digests: new Map(
      names.flatMap((name) =>
        items[name].map((item) => [`${name} ${item.pk} ${item.sk ?? ''}`, digestOfItem(item)] as const),
      ),
    ),
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
  { pk, sk, version, expires, ttl: _, ...fields }: Item,
  read: (fields: DocumentFields) => Content,
): KeptDocument<Kind, Content> {
  const [account, environment, generation, slot = ''] = String(pk).split('#');
  return {
    kind,
    owner: `${account}#${environment}#${generation}`,
    slot,
    hourMs: Date.parse(`${String(sk).split('#')[1]}:00:00.000Z`),
    version: Number(version),
    expiresAtMs: Number(expires),
    content: read(fields as DocumentFields),
  };
}

function digestOfItem(item: Item): string {
  const fields = Object.keys(item)
    .toSorted()
    .map((name) => {
      const value = item[name];
      return [name, value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value];
    });
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64');
}
