// Which records of a call the shards take now, and the answer to the whole call: an entry a record, in the order of the
// request, be it of the engine or of a limit.

import type { Json } from '../../../core/proxy/json-body.ts';
import { twinAccount } from '../../../template/pseudo-parameters.ts';
import type { LimitedShard } from './limited-shard.ts';
import type { PutEntry } from './put-request.ts';

export const tooMuch = 'ProvisionedThroughputExceededException';

export type Admission = PutEntry & { readonly shard: LimitedShard; readonly isAdmitted: boolean };

/** Undefined where a hash key is in no shard, as in one that was listed half made; and then nothing is taken. */
export function admit(
  entries: readonly PutEntry[],
  shards: readonly LimitedShard[],
  nowMs: number,
): readonly Admission[] | undefined {
  const owners = entries.map(({ hashKey }) => shards.find((shard) => shard.owns(hashKey)));
  if (owners.includes(undefined)) return undefined;
  return entries.map((entry, index) => {
    const shard = owners[index] as LimitedShard;
    return { ...entry, shard, isAdmitted: shard.take(entry.bytes, nowMs) };
  });
}

export function giveBack(admissions: readonly Admission[]): void {
  for (const { shard, bytes, isAdmitted } of admissions) if (isAdmitted) shard.giveBack(bytes);
}

export function renderRefusal({ shardId }: LimitedShard, streamName: string): string {
  return `Rate exceeded for shard ${shardId} in stream ${streamName} under account ${twinAccount.accountId}.`;
}

/** `answered` holds the engine's entries for those that were admitted. */
export function inOrder(
  admissions: readonly Admission[],
  answered: readonly Json[],
  streamName: string,
): { readonly FailedRecordCount: number; readonly Records: readonly Json[] } {
  const left = answered.values();
  const Records = admissions.map(({ shard, isAdmitted }) =>
    isAdmitted
      ? (left.next().value ?? {})
      : { ErrorCode: tooMuch, ErrorMessage: renderRefusal(shard, streamName) },
  );
  return { FailedRecordCount: Records.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Records };
}

/** Whether some record went to another shard than it was reckoned to: the stream was split or merged meanwhile. */
export function wentElsewhere(admissions: readonly Admission[], answered: readonly Json[]): boolean {
  return admissions
    .filter(({ isAdmitted }) => isAdmitted)
    .some(({ shard }, index) => answered[index]?.ShardId !== shard.shardId);
}
