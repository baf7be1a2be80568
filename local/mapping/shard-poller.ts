// Feeds one shard to the function: batches by size and window, in order, the next one only after the last is
// done with. A batch that fails is tried again from the lowest record that failed, for ever.

import type { Invoker } from '../functions/functions.ts';
import { countThatFits, kinesisEvent, type StreamRecord } from './kinesis-event.ts';
import type { MappingSettings } from './mapping-settings.ts';
import { pause } from './pause.ts';
import type { ShardReader } from './shard-reader.ts';

export type ShardPollerOptions = {
  readonly settings: MappingSettings;
  readonly shardId: string;
  readonly reader: ShardReader;
  readonly functions: Invoker;
  /** Everything up to this record, it included, is done with. */
  readonly checkpoint: (sequenceNumber: string) => Promise<void>;
  readonly report: (problem: string) => void;
  readonly signal: AbortSignal;
};

const idlePollMs = 150;
const firstRetryMs = 100;
const maxRetryMs = 5000;

export async function pollShard(options: ShardPollerOptions): Promise<void> {
  const { settings, shardId, signal, report } = options;
  let pending: readonly StreamRecord[] = [];
  let firstAtMs = 0;
  while (!signal.aborted) {
    const waitedMs = performance.now() - firstAtMs;
    const count = countThatFits(pending, settings.batchSize);
    const isFull = count === settings.batchSize || count < pending.length;
    if (pending.length > 0 && (isFull || waitedMs >= settings.windowMs)) {
      await deliver(options, pending.slice(0, count));
      pending = pending.slice(count);
      continue;
    }
    const records = await readOrReport(options, settings.batchSize - pending.length);
    if (records === undefined && pending.length === 0) {
      report(`${settings.id}: ${shardId} is closed and read to its end; its children are not followed yet.`);
      return;
    }
    if (records !== undefined && records.length > 0) {
      if (pending.length === 0) firstAtMs = performance.now();
      pending = [...pending, ...records];
    } else {
      const leftMs = pending.length === 0 ? idlePollMs : settings.windowMs - (performance.now() - firstAtMs);
      await pause(Math.min(idlePollMs, leftMs), signal);
    }
  }
}

async function readOrReport(
  { reader, settings, shardId, report, signal }: ShardPollerOptions,
  limit: number,
) {
  try {
    return await reader.read(limit);
  } catch (error) {
    // Lambda's poller has no one to tell either: it asks again until the stream answers.
    report(`${settings.id}: ${shardId} cannot be read: ${(error as Error).message}`);
    await pause(1000, signal);
    return [];
  }
}

async function deliver(options: ShardPollerOptions, batch: readonly StreamRecord[]): Promise<void> {
  const { settings, shardId, checkpoint, report, signal } = options;
  let rest = batch;
  let retryMs = firstRetryMs;
  while (!signal.aborted) {
    const failure = await tryBatch(options, rest);
    const doneCount = failure?.index ?? rest.length;
    const lastDone = rest[doneCount - 1];
    if (lastDone !== undefined) {
      await checkpoint(lastDone.SequenceNumber);
      retryMs = firstRetryMs;
    }
    rest = rest.slice(doneCount);
    if (failure === undefined) return;
    report(
      `${settings.id}: ${shardId}: ${failure.reason}; ${rest.length} records are tried again in ${retryMs} ms`,
    );
    await pause(retryMs, signal);
    retryMs = Math.min(retryMs * 2, maxRetryMs);
  }
}

type Failure = { readonly index: number; readonly reason: string };

/** Undefined where the whole batch succeeded, otherwise from which record on it has to be tried again. */
async function tryBatch(
  { settings, shardId, functions }: ShardPollerOptions,
  records: readonly StreamRecord[],
): Promise<Failure | undefined> {
  let answer: unknown;
  try {
    answer = await functions.invoke(settings.functionArn, kinesisEvent(settings, shardId, records));
  } catch (error) {
    return { index: 0, reason: (error as Error).message };
  }
  const failures = settings.reportsItemFailures ? itemFailures(answer) : [];
  if (failures.length === 0) return undefined;
  const indexes = failures.map((id) => records.findIndex(({ SequenceNumber }) => SequenceNumber === id));
  // An identifier that is none of the batch fails the whole of it.
  if (indexes.includes(-1)) return { index: 0, reason: 'a batch item failure names no record of the batch' };
  return { index: Math.min(...indexes), reason: `${failures.length} batch item failures` };
}

function itemFailures(answer: unknown): readonly unknown[] {
  const failures = (answer as { batchItemFailures?: unknown } | null)?.batchItemFailures;
  if (!Array.isArray(failures)) return [];
  return failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
}
