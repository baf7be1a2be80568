// What `weir quarantine replay` and `discard` share: they ask the function settle record by record, a few at once, and
// report each record, whatever becomes of the others.

import { FunctionFailed } from '../../adapters/aws/invoke-function.ts';
import { auditEntry } from '../../domain/accounts/audit.ts';
import type { QuarantineEntry, SettleAnswer, SettleRequest } from '../../domain/quarantine/quarantine.ts';
import { amountOf } from '../../domain/quarantine/quarantine-list.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { WrongUse } from '../errors.ts';
import type { Operator } from '../operator.ts';
import type { RecordAccess } from '../record-access.ts';
import type { Progress, Result } from '../verb.ts';
import { amountsByAccount, amountTable, entryTable, renderAmount, toListed } from './entries.ts';
import { type FoundRecord, findRecord } from './find.ts';
import { type Candidate, renderSettled, type Settled } from './outcomes.ts';
import { isFiltered, type SettleOptions, selectEntries } from './select.ts';
import { alreadySettled } from './settled-before.ts';

type Action = SettleRequest['action'];

const atOnce = 4;
const recordsPerLine = 25;
const mostCrashesInARow = 10;

async function settle(
  operator: Operator,
  { functions }: RecordAccess,
  action: Action,
  candidates: readonly Candidate[],
  progress: Progress,
): Promise<Settled[]> {
  let isHalted = false;
  let crashesInARow = 0;
  let done = 0;
  return mapBounded(candidates, atOnce, async (of): Promise<Settled> => {
    if (isHalted) return { of, outcome: 'not_tried' };
    const settled = await enter(operator, action, of)
      .then(() => ask(functions, action, of))
      .catch((error): Settled => {
        isHalted = true;
        return { of, outcome: 'not_tried', cause: error instanceof Error ? error.message : String(error) };
      });
    crashesInARow = settled.outcome === 'crashed' ? crashesInARow + 1 : 0;
    // It is not the records: a dependency of the function is unavailable, so that the next record would fail too.
    isHalted ||= crashesInARow === mostCrashesInARow;
    done += 1;
    if (done % recordsPerLine === 0) progress(`${done} of ${candidates.length}`);
    return settled;
  });
}

/** Before it is asked for: whoever replays or discards is in the audit log, whatever becomes of the record. */
async function enter(operator: Operator, action: Action, { lane, record, events }: Candidate): Promise<void> {
  const { account, environment } = lane.tenant;
  const act = { account, environment, what: `quarantine.${action}`, record, after: { events } } as const;
  await operator.auditLog.write([auditEntry(operator, operator.clock.now(), act)]);
}

async function ask(functions: RecordAccess['functions'], action: Action, of: Candidate): Promise<Settled> {
  const { lane, record, receivedAtMs } = of;
  const request: SettleRequest = { action, lane, record, receivedAtMs };
  try {
    const answer = (await functions.invoke('settle', request)) as SettleAnswer;
    return { of, outcome: answer.outcome, answer, ...('cause' in answer && { cause: answer.cause }) };
  } catch (error) {
    if (!(error instanceof FunctionFailed)) throw error;
    return { of, outcome: 'crashed', cause: error.message };
  }
}

export class NoRecordsNamed extends WrongUse {
  constructor(action: Action) {
    super(
      `weir quarantine ${action} needs to know which records. Nothing was done.`,
      'Name one by --record, narrow it by --account, --environment, --reason, --from or --to, or use --all.',
    );
  }
}

export class RecordAndFilter extends WrongUse {
  constructor() {
    super(
      '--record names one record, and other options name others. Nothing was done.',
      'To settle the one record, leave --reason, --from, --to and --all out.',
    );
  }
}

export class RecordWithoutAccount extends WrongUse {
  constructor() {
    super(
      '--record needs --account. Nothing was done.',
      'Name the account of the record: give --account, too.',
    );
  }
}

/** Discarding cannot be undone, so that it is never done by an option that was forgotten. */
export class DiscardNotConfirmed extends WrongUse {
  constructor() {
    super('Nothing was discarded: --yes is missing.', 'To discard these records, add --yes.');
  }
}

/** `confirmed`: absent for an action that needs no confirmation. */
export async function settleRecords(
  action: Action,
  operator: Operator,
  options: SettleOptions & { readonly yes?: true | undefined },
  progress: Progress,
): Promise<Result> {
  assertBounded(action, options);
  const records = await operator.records();
  const found = await findNamed(operator, records, options);
  if (found && found.receipt.state !== 'quarantined')
    return alreadySettled(action, found, options.dryRun === true);
  const entries = found
    ? [found.entry ?? []].flat()
    : await Array.fromAsync(selectEntries(operator, records, options));
  const candidates: readonly Candidate[] = found ? [candidateOf(found)] : entries;
  if (candidates.length === 0)
    return { ...renderSettled(action, []), text: 'No record in quarantine matches.' };
  if (options.dryRun) return preview(action, entries);
  if (action === 'discard' && !options.yes) {
    progress(preview(action, entries).text);
    throw new DiscardNotConfirmed();
  }
  progress(`${willBe[action]} ${renderAmount(amountOf(candidates))}, ${atOnce} records at once.`);
  return renderSettled(action, await settle(operator, records, action, candidates, progress));
}

async function findNamed(
  operator: Operator,
  records: RecordAccess,
  { account, environment = 'production', record }: SettleOptions,
): Promise<FoundRecord | undefined> {
  if (record === undefined) return undefined;
  if (account === undefined) throw new RecordWithoutAccount();
  return findRecord(operator, records, { account, environment }, record);
}

const candidateOf = ({ receipt }: FoundRecord): Candidate => {
  const { lane, record, receivedAtMs, accepted } = receipt;
  return { lane, record, receivedAtMs, events: accepted };
};

const willBe = { replay: 'Replaying', discard: 'Discarding' };

function assertBounded(action: Action, options: SettleOptions): void {
  const { record, all, reason, from, to } = options;
  if (record === undefined && !isFiltered(options) && !all) throw new NoRecordsNamed(action);
  const isNarrowed = [reason, from, to, all].some((value) => value !== undefined);
  if (record !== undefined && isNarrowed) throw new RecordAndFilter();
}

function preview(action: Action, entries: readonly QuarantineEntry[]): Result {
  const amounts = amountsByAccount(entries);
  const amount = amountOf(entries);
  return {
    json: { action, dry_run: true, ...amount, by_account: amounts, records: entries.map(toListed) },
    text: [
      entryTable(entries.map(toListed)),
      amountTable(amounts),
      `${renderAmount(amount)} would be ${action === 'replay' ? 'replayed' : 'discarded'}.`,
      ...(action === 'discard' ? [whatDiscardingMeans] : []),
    ].join('\n\n'),
  };
}

const whatDiscardingMeans = [
  'Discarding cannot be undone:',
  '- The events of these records will never be stored or counted, and the receipts of their batches still say quarantined.',
  '- A client that sent one of them again meanwhile may have been answered that it is a duplicate: that copy is lost, too.',
  '- About half an hour later, a minute after `quarantine show` says that the bucket no longer has its payload, their',
  '  ids are free: the same events can be sent again, and count.',
].join('\n');
