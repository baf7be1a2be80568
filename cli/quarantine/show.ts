// `weir quarantine show`: all that is known of one record. What clients sent is printed only with --events.

import { writeFile } from 'node:fs/promises';
import { auditEntry } from '../../domain/accounts/audit.ts';
import { payloadName } from '../../domain/keys.ts';
import { CliError } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { type FoundRecord, findRecord, recordOption } from './find.ts';
import {
  type ShownPayload,
  type ShownRecord,
  toShownContent,
  toShownEntry,
  toShownReceipt,
  whatVoidMeans,
} from './shown-record.ts';

export class NoPayload extends CliError {
  constructor(key: string) {
    super(
      `The bucket does not have ${key}: it never had it, or has removed it. There is no payload to write.`,
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

type ShowOptions = {
  readonly account: string;
  readonly environment: string;
  readonly record: string;
  readonly payload?: string | undefined;
  readonly events?: true | undefined;
};

async function showRecord(operator: Operator, options: ShowOptions): Promise<ShownRecord> {
  const { account, environment, record, payload: file, events } = options;
  const records = await operator.records();
  const found = await findRecord(operator, records, { account, environment }, record);
  const key = payloadName(found.tenant, found.record);
  await enter(operator, found, options);
  const data = await records.failedRecords.get(key);
  if (file !== undefined) await save(file, data, key);
  return {
    account_id: found.tenant.account,
    environment: found.tenant.environment,
    record: found.record,
    receipt: toShownReceipt(found),
    entry: toShownEntry(found, operator.clock.now()),
    payload: {
      bucket: records.bucket,
      key,
      bytes: data?.length ?? null,
      ...(data && toShownContent(data, events === true)),
    },
  };
}

/** Before it is read: the header and the ids of a record are data of its account, too. */
async function enter(
  operator: Operator,
  { tenant: { account, environment }, record }: FoundRecord,
  { payload, events }: ShowOptions,
): Promise<void> {
  const read = ['event_ids', ...(events ? ['events'] : []), ...(payload === undefined ? [] : ['payload'])];
  const act = { account, environment, what: 'data.read', record, after: { read } } as const;
  await operator.auditLog.write([auditEntry(operator, operator.clock.now(), act)]);
}

async function save(file: string, data: Uint8Array | undefined, key: string): Promise<void> {
  if (!data) throw new NoPayload(key);
  try {
    await writeFile(file, data, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    throw new PayloadNotWritten(file, cause);
  }
}

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
      ['quarantined', entry.quarantined_at],
      ['request', entry.request_id],
      [
        'attempts',
        entry.leased_until ? `${entry.attempts}, leased until ${entry.leased_until}` : entry.attempts,
      ],
    );
  } else {
    lines.push(['quarantine', 'not in quarantine']);
  }
  lines.push(...payloadLines(payload));
  const width = Math.max(...lines.map(([name]) => name.length));
  return [
    ...lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    ...(payload.events ?? []).map((event) => JSON.stringify(event)),
  ].join('\n');
}

const renderReceipt = (receipt: ShownRecord['receipt']): string =>
  `${renderState(receipt)}, kept until ${receipt.expires_at}`;

function renderState({ state, state_since, quarantined_at }: ShownRecord['receipt']): string {
  if (state === 'void') return `void: the record ${whatVoidMeans}`;
  return state_since ? `${state} since ${state_since}` : `${state}; quarantined ${quarantined_at}`;
}

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
