// `weir quarantine show`: all that is known of one record. What clients sent is printed only with --events.

import { writeFile } from 'node:fs/promises';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { payloadName } from '../../domain/keys.ts';
import { type EnvelopeHeader, openEnvelope, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import type { ReceiptState } from '../../domain/storing/receipt.ts';
import { iso } from '../../domain/system/time.ts';
import { CliError } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { toListed } from './entries.ts';
import { type FoundRecord, findRecord, recordOption } from './find.ts';

type ShownRecord = {
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
    /** Absent of a discarded record, whose receipt knows only when it was quarantined. */
    readonly state_since?: string;
    readonly set_aside_at?: string;
    readonly expires_at: string;
  };
  /** Null if it is not in quarantine. */
  readonly entry: (ReturnType<typeof toListed> & { readonly leased_until?: string }) | null;
  readonly payload: ShownPayload;
};

type ShownPayload = {
  readonly bucket: string;
  readonly key: string;
  /** Null if the bucket does not have it, or no longer. */
  readonly bytes: number | null;
  readonly header?: EnvelopeHeader;
  readonly decodes?: boolean;
  /** Why it does not decode. */
  readonly fault?: string;
  /** In their order; null for one that has none. */
  readonly event_ids?: readonly (string | null)[];
  readonly events?: readonly unknown[];
};

export class NoPayload extends CliError {
  constructor(key: string) {
    super(
      `The bucket has no ${key}, or no longer: there is no payload to write.`,
      'Look at the record without --payload: its receipt says what became of it.',
    );
  }
}

export class PayloadNotWritten extends CliError {
  constructor(file: string, cause: unknown) {
    super(
      `${file} cannot be written (${(cause as NodeJS.ErrnoException).code}).`,
      '--payload takes the path of a file that does not exist yet, in a folder that does.',
      { cause },
    );
  }
}

type Shown = {
  readonly account: string;
  readonly environment: string;
  readonly record: string;
  readonly payload?: string | undefined;
  readonly events?: true | undefined;
};

async function showRecord(operator: Operator, options: Shown): Promise<ShownRecord> {
  const { account, environment, record, payload: file, events } = options;
  const records = await operator.records();
  const found = await findRecord(operator, records, { account, environment }, record);
  const key = payloadName(found.tenant, found.record);
  const data = await records.failedRecords.get(key);
  if (file !== undefined) await save(file, data, key);
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
      ...(data && opened(data, events === true)),
    },
  };
}

async function save(file: string, data: Uint8Array | undefined, key: string): Promise<void> {
  if (!data) throw new NoPayload(key);
  try {
    await writeFile(file, data, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    throw new PayloadNotWritten(file, cause);
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
  return { ...toListed(entry), ...(isLeased && { leased_until: iso(entry.leaseUntilMs) }) };
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

/** A record that makes our code fail may hold things that are no events. */
const idOf = (event: AcceptedEvent | null): string | null =>
  typeof event?.event_id === 'string' ? event.event_id : null;

const mostIds = 20;

function renderShown(shown: ShownRecord): string {
  const { receipt, entry, payload } = shown;
  const lines: [string, string | number][] = [
    ['account', shown.account_id],
    ['environment', shown.environment],
    ['record', shown.record],
    ['receipt', renderReceipt(receipt)],
    [
      'events',
      `${receipt.accepted} accepted, ${receipt.stored} stored, ${receipt.duplicates} duplicates, ${receipt.conflicts} conflicts`,
    ],
    ['received', receipt.received_at],
  ];
  if (entry) {
    lines.push(
      ['reason', entry.cause === undefined ? entry.reason : `${entry.reason}: ${entry.cause}`],
      ['quarantined', entry.set_aside_at],
      ['request', entry.request_id],
      [
        'attempts',
        entry.leased_until ? `${entry.attempts}, leased until ${entry.leased_until}` : entry.attempts,
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

const renderReceipt = ({ state, state_since, set_aside_at, expires_at }: ShownRecord['receipt']): string =>
  `${state_since ? `${state} since ${state_since}` : `${state}; quarantined ${set_aside_at}`}, kept until ${expires_at}`;

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

export const quarantineShow = defineVerb({
  words: ['quarantine', 'show'],
  summary: 'show one record: its receipt, why it is in quarantine, and what of its payload can be read',
  examples: [
    'quarantine show --account acme --record BATCH.0',
    'quarantine show --account acme --record BATCH.0 --payload record.bin',
  ],
  options: (command) =>
    command
      .addOption(requiredAccount())
      .option('--environment <name>', 'the environment', 'production')
      .addOption(recordOption().makeOptionMandatory())
      .option('--payload <file>', 'a new file to write the payload to, unchanged (none)')
      .option('--events', 'print the events too, with all that the client sent'),
  run: async (operator, options) => {
    const shown = await showRecord(operator, options);
    return { json: shown, text: renderShown(shown) };
  },
});
