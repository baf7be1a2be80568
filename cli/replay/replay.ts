// `weir replay`: reads again what arrived in the stream between two times, and hands to the consumer what is not
// counted: what has no receipt, and what an outage parked.
// What was counted stays counted once: run again, it goes on where it stopped.

import type { ArrivedRecord } from '../../adapters/record/kinesis-stream-reader.ts';
import { tenantOfStreamKey } from '../../domain/keys.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { hourMs, iso } from '../../domain/system/time.ts';
import { Refused } from '../account/create.ts';
import type { Operator } from '../operator.ts';
import { assertHasKeys } from '../quarantine/select.ts';
import { assertInOrder, instantForms, readInstant } from '../terminal/instants.ts';
import type { Call, Values, Verb } from '../verbs.ts';
import { type Replayed, replayRecords } from './records.ts';
import { type ReplayReport, ReplayTally, tellReplay } from './report.ts';

const shardsAtOnce = 4;
/** So many that crash the consumer, and nothing else with them, say that it is not the records. */
const mostCrashes = 10;

export async function replayStream(
  operator: Operator,
  values: Values,
  { flags, progress }: Call,
): Promise<ReplayReport> {
  const nowMs = operator.clock.now();
  const fromMs = readInstant('from', values.from ?? '', nowMs);
  const toMs = readInstant('to', values.to ?? '', nowMs);
  assertInOrder({ fromMs, toMs });
  const { account, environment } = values;
  if (account !== undefined && !(await operator.accounts.findAccount(account))) {
    throw new Refused(`There is no account "${account}"; check --account and --stage.`);
  }
  await assertHasKeys(operator, values);
  const access = await operator.records();
  const { arn, retentionMs } = await access.stream.describe();
  assertWithin({ fromMs, nowMs, retentionMs });

  const tally = new ReplayTally();
  const dryRun = flags.has('dry-run');
  const shardIds = await access.stream.shardIds();
  await mapBounded(shardIds, shardsAtOnce, async (shardId) => {
    for await (const arrived of access.stream.read(shardId, fromMs, toMs)) {
      if (tally.isStopped) return;
      const meant = arrived.filter((record) => isOf(record, account, environment));
      const replayed = await replayRecords(access, meant, { streamArn: arn, dryRun });
      tally.add(replayed);
      if (isHopeless(replayed)) tally.stop();
      progress(`${shardId}: to ${iso(arrived.at(-1)?.arrivedAtMs ?? fromMs)}; ${tally.line()}`);
    }
  });
  return tally.report({ fromMs, toMs, dryRun, shards: shardIds.length });
}

const isOf = ({ partitionKey }: ArrivedRecord, account?: string, environment?: string): boolean => {
  const tenant = tenantOfStreamKey(partitionKey);
  return (
    (account === undefined || tenant.account === account) &&
    (environment === undefined || tenant.environment === environment)
  );
};

/** What comes next would not fare better, and each try may take minutes. */
function isHopeless(replayed: readonly Replayed[]): boolean {
  const count = (outcome: Replayed['outcome']) =>
    replayed.filter((record) => record.outcome === outcome).length;
  return count('failed') > 0 || (count('crashed') >= mostCrashes && count('counted') === 0);
}

type Times = {
  readonly fromMs: number;
  readonly nowMs: number;
  readonly retentionMs: number;
};

function assertWithin({ fromMs, nowMs, retentionMs }: Times): void {
  if (fromMs >= nowMs) throw new Refused('--from has to be in the past.');
  const oldestMs = nowMs - retentionMs;
  if (fromMs >= oldestMs) return;
  const hours = retentionMs / hourMs;
  throw new Refused(
    `The stream keeps records for ${hours} hours: it has them from ${iso(oldestMs)} on, and those before are gone from it. Give --from ${hours}h for all it has. What was set aside lives longer: weir quarantine list`,
  );
}

export const replayVerb: Verb = {
  words: ['replay'],
  summary: 'read the stream again, and have stored and counted what of it was not',
  options: {
    from: `arrived in the stream then or later: ${instantForms}`,
    to: 'arrived before then',
    account: 'of this account (all)',
    environment: 'of this environment (all)',
  },
  defaults: { to: 'now', account: undefined, environment: undefined },
  flags: { 'dry-run': 'tell how many would be handed to the consumer, and do nothing' },
  run: async (operator, values, call) => tellReplay(await replayStream(operator, values, call)),
};
