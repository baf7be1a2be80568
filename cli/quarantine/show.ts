// `weir quarantine show`: all that is known of one record. What clients sent is shown only where it is asked for.

import { writeFile } from 'node:fs/promises';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { payloadName } from '../../domain/keys.ts';
import { type EnvelopeHeader, openEnvelope, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import type { ReceiptState } from '../../domain/storing/receipt.ts';
import { iso } from '../../domain/system/time.ts';
import { Refused } from '../account/create.ts';
import type { Operator } from '../operator.ts';
import type { Values, Verb } from '../verbs.ts';
import { listed } from './list.ts';
import { type FoundRecord, findRecord, recordOption } from './select.ts';

export type ShownRecord = {
  readonly account_id: string;
  readonly environment: string;
  readonly record: string;
  readonly receipt: {
    readonly state: ReceiptState;
    readonly accepted: number;
    readonly stored: number;
    readonly duplicates: number;
    readonly conflicts: number;
    readonly received_at: string;
    /** Of a discarded record that would be when it was set aside. */
    readonly state_since?: string;
    readonly set_aside_at?: string;
    readonly expires_at: string;
  };
  /** Null where it is not in quarantine. */
  readonly entry: (ReturnType<typeof listed> & { readonly leased_until?: string }) | null;
  readonly payload: ShownPayload;
};

export type ShownPayload = {
  readonly bucket: string;
  readonly key: string;
  /** Null where the bucket does not have it, or no longer. */
  readonly bytes: number | null;
  readonly header?: EnvelopeHeader;
  readonly decodes?: boolean;
  /** Why it does not decode. */
  readonly fault?: string;
  /** In their order; null for one that has none. */
  readonly event_ids?: readonly (string | null)[];
  readonly events?: readonly unknown[];
};

export async function showRecord(
  operator: Operator,
  values: Values,
  withEvents: boolean,
): Promise<ShownRecord> {
  const records = await operator.records();
  const found = await findRecord(operator, records, values);
  const key = payloadName(found.tenant, found.record);
  const data = await records.failedRecords.get(key);
  if (values.payload !== undefined) await save(values.payload, data, key);
  return {
    account_id: found.tenant.account,
    environment: found.tenant.environment,
    record: found.record,
    receipt: shownReceipt(found),
    entry: shownEntry(found, operator.clock.now()),
    payload: {
      bucket: records.bucket,
      key,
      bytes: data?.length ?? null,
      ...(data && opened(data, withEvents)),
    },
  };
}

async function save(file: string, data: Uint8Array | undefined, key: string): Promise<void> {
  if (!data) throw new Refused(`The bucket has no ${key}, or no longer: there is no payload to write.`);
  try {
    await writeFile(file, data, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new Refused(
      `${file} cannot be written (${(error as NodeJS.ErrnoException).code}); --payload takes the path of a file that is not there yet.`,
    );
  }
}

function shownReceipt({ receipt }: FoundRecord): ShownRecord['receipt'] {
  const { state, accepted, stored, duplicates, conflicts } = receipt;
  return {
    state,
    accepted,
    stored,
    duplicates,
    conflicts,
    received_at: iso(receipt.receivedAtMs),
    [state === 'discarded' ? 'set_aside_at' : 'state_since']: iso(receipt.storedAtMs),
    expires_at: iso(receipt.expiresAtMs),
  };
}

function shownEntry({ entry }: FoundRecord, nowMs: number): ShownRecord['entry'] {
  if (!entry) return null;
  const isLeased = entry.leaseUntilMs > nowMs;
  return { ...listed(entry), ...(isLeased && { leased_until: iso(entry.leaseUntilMs) }) };
}

function opened(data: Uint8Array, withEvents: boolean): Partial<ShownPayload> {
  try {
    const { header, events } = openEnvelope(data);
    return {
      header,
      decodes: true,
      event_ids: events.map(idOf),
      ...(withEvents && { events }),
    };
  } catch (error) {
    if (!(error instanceof UnreadableEnvelope)) throw error;
    return { ...(error.header && { header: error.header }), decodes: false, fault: error.message };
  }
}

/** What makes our code fail may be no event at all. */
const idOf = (event: AcceptedEvent | null): string | null =>
  typeof event?.event_id === 'string' ? event.event_id : null;

const mostIds = 20;

function textOf(shown: ShownRecord): string {
  const { receipt, entry, payload } = shown;
  const lines: [string, string | number][] = [
    ['account', shown.account_id],
    ['environment', shown.environment],
    ['record', shown.record],
    ['receipt', tellReceipt(receipt)],
    [
      'events',
      `${receipt.accepted} accepted, ${receipt.stored} stored, ${receipt.duplicates} duplicates, ${receipt.conflicts} conflicts`,
    ],
    ['received', receipt.received_at],
  ];
  if (entry) {
    lines.push(
      ['reason', entry.cause === undefined ? entry.reason : `${entry.reason}: ${entry.cause}`],
      ['set aside', entry.set_aside_at],
      ['request', entry.request_id],
      [
        'attempts',
        entry.leased_until ? `${entry.attempts}, held until ${entry.leased_until}` : entry.attempts,
      ],
    );
  } else {
    lines.push(['quarantine', 'it is not there, or no longer']);
  }
  lines.push(...payloadLines(payload));
  const width = Math.max(...lines.map(([name]) => name.length));
  return [
    ...lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    ...(payload.events ?? []).map((event) => JSON.stringify(event)),
  ].join('\n');
}

const tellReceipt = ({ state, state_since, set_aside_at, expires_at }: ShownRecord['receipt']): string =>
  `${state_since ? `${state} since ${state_since}` : `${state}; set aside ${set_aside_at}`}, kept until ${expires_at}`;

function payloadLines({ bucket, key, bytes, header, decodes, fault, event_ids }: ShownPayload) {
  const lines: [string, string | number][] = [['payload', `s3://${bucket}/${key}`]];
  if (bytes === null) return [...lines, ['bytes', 'none: the bucket does not have it'] as [string, string]];
  lines.push(['bytes', bytes]);
  if (header) lines.push(['header', JSON.stringify(header)]);
  lines.push(['decodes', decodes ? 'yes' : `no. ${fault}`]);
  if (!event_ids) return lines;
  const ids = event_ids.slice(0, mostIds).map((id) => id ?? '(no event)');
  const more = event_ids.length - ids.length;
  lines.push([
    `${event_ids.length} ids`,
    `${ids.join(' ')}${more > 0 ? ` … and ${more} more (--json)` : ''}`,
  ]);
  return lines;
}

export const quarantineShowVerb: Verb = {
  words: ['quarantine', 'show'],
  summary: 'show one record: its receipt, why it is in quarantine, and what of its payload can be read',
  options: {
    account: 'the id of the account',
    environment: 'the environment',
    record: recordOption,
    payload: 'a new file to write the payload to, as it came (none)',
  },
  defaults: { environment: 'production', payload: undefined },
  flags: { events: 'print the events too, with all that the client sent' },
  run: async (operator, values, { flags }) => {
    const shown = await showRecord(operator, values, flags.has('events'));
    return { json: shown, text: textOf(shown) };
  },
};
