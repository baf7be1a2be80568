// `weir replay`: reads the stream again between two times, and hands the consumer the records that are not counted:
// those without a receipt, and those that an outage put in quarantine. A record counts once, however often it is
// replayed, so the same command can be run again.

import { Option } from '@commander-js/extra-typings';
import { type AuditedFields, auditEntry } from '../../domain/accounts/audit.ts';
import { tenantKey, tenantOfKey } from '../../domain/keys.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { instantForms } from '../../domain/system/instants.ts';
import { hourMs, iso } from '../../domain/system/time.ts';
import { CliError, WrongUse } from '../errors.ts';
import type { Operator } from '../operator.ts';
import type { RecordAccess } from '../record-access.ts';
import { assertHasKeys, findAccount, isOf } from '../tenants.ts';
import { assertInOrder, readInstant } from '../terminal/instants.ts';
import { defineVerb, type Progress } from '../verb.ts';
import type { Replayed, ReplayOfStream } from './records.ts';
import { type ReplayReport, ReplayTally, renderReplay } from './report.ts';

const shardsAtOnce = 4;
/** If so many crash the consumer, and none is counted, the records are not the cause. */
const mostCrashes = 10;

export class NotInThePast extends WrongUse {
  constructor() {
    super('--from has to be in the past.', 'Give an earlier --from, such as 2h.');
  }
}

export class OlderThanStream extends CliError {
  constructor(retentionMs: number, oldestMs: number) {
    const hours = retentionMs / hourMs;
    super(
      `The stream keeps records for ${hours} hours: it has them from ${iso(oldestMs)} on, and older ones are gone.`,
      `Give --from ${hours}h for all that it has. Records in quarantine are kept longer: weir quarantine list`,
    );
  }
}

type ReplayOptions = {
  readonly from: string;
  readonly to: string;
  readonly account?: string | undefined;
  readonly environment?: string | undefined;
  readonly dryRun?: true | undefined;
};

async function replayStream(
  operator: Operator,
  options: ReplayOptions,
  progress: Progress,
): Promise<ReplayReport> {
  const nowMs = operator.clock.now();
  const fromMs = readInstant('from', options.from, nowMs);
  const toMs = readInstant('to', options.to, nowMs);
  assertInOrder({ fromMs, toMs });
  const { account, environment, dryRun = false } = options;
  if (account !== undefined) await findAccount(operator, account);
  await assertHasKeys(operator, options);
  const access = await operator.records();
  const shards = await shardsOf(access, { fromMs, nowMs });

  // Loaded only here, as the AWS client is that calls the function.
  const { replayRecords } = await import('./records.ts');
  const tally = new ReplayTally();
  const enter = createEnter(operator, { from: iso(fromMs), to: iso(toMs) });
  await mapBounded(shards, shardsAtOnce, async ({ stream, streamArn, shardId }) => {
    for await (const arrived of stream.read(shardId, fromMs, toMs)) {
      if (tally.isStopped) return;
      const meant = arrived.filter(({ partitionKey }) =>
        isOf(tenantOfKey(partitionKey), { account, environment }),
      );
      const replayed = await replayRecords(access, meant, { streamArn, dryRun, enter });
      tally.add(replayed);
      if (isHopeless(replayed)) tally.stop();
      progress(
        `${nameOf(streamArn)}/${shardId}: to ${iso(arrived.at(-1)?.arrivedAtMs ?? fromMs)}; ${tally.line()}`,
      );
    }
  });
  return tally.report({ fromMs, toMs, dryRun, shards: shards.length });
}

/** Once for each tenant and run, however many shards have records of it. A run that finds none is not entered. */
function createEnter(operator: Operator, after: AuditedFields): ReplayOfStream['enter'] {
  const entered = new Map<string, Promise<void>>();
  return (tenant) => {
    const { account, environment } = tenant;
    const act = { account, environment, what: 'stream.replay', after } as const;
    const write = () => operator.auditLog.write([auditEntry(operator, operator.clock.now(), act)]);
    const entry = entered.get(tenantKey(tenant)) ?? write();
    entered.set(tenantKey(tenant), entry);
    return entry;
  };
}

/** The shards of all streams that the stage has. */
async function shardsOf({ streams }: RecordAccess, times: Pick<Times, 'fromMs' | 'nowMs'>) {
  const ofEach = streams.map(async (stream) => {
    const { arn: streamArn, retentionMs } = await stream.describe();
    assertWithin({ ...times, retentionMs });
    return (await stream.shardIds()).map((shardId) => ({ stream, streamArn, shardId }));
  });
  return (await Promise.all(ofEach)).flat();
}

const nameOf = (streamArn: string): string => streamArn.slice(streamArn.indexOf('/') + 1);

/** The next records would fail too, and each attempt can take minutes. */
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
  if (fromMs >= nowMs) throw new NotInThePast();
  const oldestMs = nowMs - retentionMs;
  if (fromMs >= oldestMs) return;
  throw new OlderThanStream(retentionMs, oldestMs);
}

export const streamReplay = defineVerb({
  words: ['replay'],
  summary: 'read the stream again, and store and count the records that are not counted',
  examples: ['replay --from 2h --dry-run', 'replay --from 2026-11-21T08:00:00Z --account acme'],
  options: (command) =>
    command
      .addOption(
        new Option(
          '--from <time>',
          `arrived in the stream then or later: ${instantForms}`,
        ).makeOptionMandatory(),
      )
      .option('--to <time>', 'arrived before then', 'now')
      .option('--account <id>', 'of this account (all)')
      .option('--environment <name>', 'of this environment (all)')
      .option('--dry-run', 'print how many would be handed to the consumer, and do nothing'),
  run: async (operator, options, progress) => renderReplay(await replayStream(operator, options, progress)),
});
