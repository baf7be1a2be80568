// `weir quarantine replay` and `discard`: record by record through the function that settles, a few at once. What was
// done is told record by record, whatever becomes of the others.

import { FunctionFailed } from '../../adapters/aws/invoke-function.ts';
import type { QuarantineEntry, SettleAnswer, SettleRequest } from '../../domain/quarantine/quarantine.ts';
import { amountOf } from '../../domain/quarantine/quarantine-list.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { WrongUse } from '../errors.ts';
import type { Operator } from '../operator.ts';
import type { RecordAccess } from '../record-access.ts';
import type { Call, Result, Values, Verb } from '../verbs.ts';
import { amountsByAccount, amountTable, entryTable, listed, tellAmount } from './list.ts';
import { type SettleOutcome, tellSettled } from './outcomes.ts';
import {
  type FoundRecord,
  filterDefaults,
  filterOptions,
  findRecord,
  isFiltered,
  recordOption,
  selectEntries,
} from './select.ts';

type Action = SettleRequest['action'];

/** What is asked to be settled: the entry, or what its receipt says of one that is not in the list. */
export type Candidate = Pick<QuarantineEntry, 'tenant' | 'record' | 'receivedAtMs' | 'events'>;

export type Settled = {
  readonly of: Candidate;
  readonly outcome: SettleOutcome;
  readonly answer?: SettleAnswer;
  readonly cause?: string;
};

const atOnce = 4;
const recordsPerLine = 25;
const mostCrashesInARow = 10;

export async function settle(
  { functions }: RecordAccess,
  action: Action,
  candidates: readonly Candidate[],
  progress: Call['progress'],
): Promise<Settled[]> {
  let isHalted = false;
  let crashesInARow = 0;
  let done = 0;
  return mapBounded(candidates, atOnce, async (of): Promise<Settled> => {
    if (isHalted) return { of, outcome: 'not_tried' };
    const settled = await ask(functions, action, of).catch((error): Settled => {
      isHalted = true;
      return { of, outcome: 'not_tried', cause: error instanceof Error ? error.message : String(error) };
    });
    crashesInARow = settled.outcome === 'crashed' ? crashesInARow + 1 : 0;
    // The next one would not fare better: something around is away.
    isHalted ||= crashesInARow === mostCrashesInARow;
    done += 1;
    if (done % recordsPerLine === 0) progress(`${done} of ${candidates.length}`);
    return settled;
  });
}

async function ask(functions: RecordAccess['functions'], action: Action, of: Candidate): Promise<Settled> {
  const { tenant, record, receivedAtMs } = of;
  const request: SettleRequest = { action, tenant, record, receivedAtMs };
  try {
    const answer = (await functions.invoke('settle', request)) as SettleAnswer;
    return { of, outcome: answer.outcome, answer, ...('cause' in answer && { cause: answer.cause }) };
  } catch (error) {
    if (!(error instanceof FunctionFailed)) throw error;
    return { of, outcome: 'crashed', cause: error.message };
  }
}

async function run(action: Action, operator: Operator, values: Values, call: Call): Promise<Result> {
  const { flags, progress } = call;
  assertBounded(action, values, flags);
  const records = await operator.records();
  const { record, ...filter } = values;
  const found = record === undefined ? undefined : await findRecord(operator, records, values);
  const entries = found
    ? [found.entry ?? []].flat()
    : await Array.fromAsync(selectEntries(operator, records, filter));
  const candidates: readonly Candidate[] = found ? [candidateOf(found)] : entries;
  if (candidates.length === 0)
    return { ...tellSettled(action, []), text: 'Nothing in quarantine is like that.' };
  if (flags.has('dry-run')) return preview(action, entries);
  if (action === 'discard' && !flags.has('yes')) {
    throw new WrongUse(
      [preview(action, entries).text, 'Nothing was discarded. To do it, say --yes as well.'].join('\n\n'),
    );
  }
  progress(`${willBe[action]} ${tellAmount(amountOf(candidates))}, ${atOnce} records at once.`);
  return tellSettled(action, await settle(records, action, candidates, progress));
}

const candidateOf = ({ tenant, record, receipt }: FoundRecord): Candidate => ({
  tenant,
  record,
  receivedAtMs: receipt.receivedAtMs,
  events: receipt.accepted,
});

const willBe = { replay: 'Replaying', discard: 'Discarding' };

function assertBounded(action: Action, values: Values, flags: ReadonlySet<string>): void {
  const isNamed = values.record !== undefined;
  if (!isNamed && !isFiltered(values) && !flags.has('all')) {
    throw new WrongUse(
      `weir quarantine ${action} needs to be told which records: name one by --record, narrow it by --account, --environment, --reason, --from or --to, or say --all. Nothing was done.`,
    );
  }
  const others = ['reason', 'from', 'to'].filter((name) => values[name] !== undefined);
  if (isNamed && (others.length > 0 || flags.has('all'))) {
    throw new WrongUse(
      '--record names one record: leave --reason, --from, --to and --all out. Nothing was done.',
    );
  }
}

function preview(action: Action, entries: readonly QuarantineEntry[]): Result {
  const amounts = amountsByAccount(entries);
  const amount = amountOf(entries);
  return {
    json: { action, dry_run: true, ...amount, by_account: amounts, records: entries.map(listed) },
    text: [
      entryTable(entries.map(listed)),
      amountTable(amounts),
      `${tellAmount(amount)} would be ${action === 'replay' ? 'replayed' : 'discarded'}.`,
      ...(action === 'discard' ? [whatDiscardingMeans] : []),
    ].join('\n\n'),
  };
}

const whatDiscardingMeans = [
  'Discarding is for good:',
  '- The events of these records will never be stored or counted, and their receipts go on saying quarantined.',
  '- Whoever sent one of them again while it was in quarantine may have been told that it is a duplicate: that goes with it.',
  '- Some half an hour later, a minute after `weir quarantine show` says that the bucket has its payload no longer, their',
  '  ids are free: the same events can be sent again, and count.',
].join('\n');

const verb = (action: Action, summary: string, flags: Readonly<Record<string, string>>): Verb => ({
  words: ['quarantine', action],
  summary,
  options: { ...filterOptions, record: `${recordOption} (all that the others leave)` },
  defaults: { ...filterDefaults, record: undefined },
  flags: {
    all: 'every record of every account: needed where no other option says which',
    'dry-run': 'tell what would be done, and do nothing',
    ...flags,
  },
  run: (operator, values, call) => run(action, operator, values, call),
});

export const quarantineSettleVerbs: readonly Verb[] = [
  verb('replay', 'store and count records that are in quarantine, once their cause is mended', {}),
  verb('discard', 'give records in quarantine up for good: their events will never count', {
    yes: 'do it; without it, what it would mean is told, and nothing is done',
  }),
];
