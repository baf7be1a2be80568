// What becomes of a record: stored and counted, or set aside because it, or our own code, is at fault. What may pass,
// such as a table that is away, is no verdict on a record and is thrown.

import { Unavailable } from '../../domain/ports.ts';
import { type EnvelopeHeader, openEnvelope, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import type { RecordFate, SetAside } from '../../domain/storing/record-outcome.ts';
import { countFold } from '../storing/count-records.ts';
import { causeOf } from '../storing/quarantine-records.ts';
import { measureCounted, requestOf } from '../storing/record-telemetry.ts';
import { storeRecord } from '../storing/store-record.ts';
import { surviving } from './surviving.ts';
import { tellCounted } from './tell-records.ts';
import type { Invocation, TryDeps } from './try-records.ts';
import type { OwnedRecord } from './wire.ts';

/** `found` is its receipt, where that says that it is in quarantine. */
export async function decide(
  deps: TryDeps,
  { header, data }: OwnedRecord,
  found: Receipt | undefined,
): Promise<RecordFate> {
  const bytes = data.length;
  try {
    return await storeRecord(deps, { envelope: openEnvelope(data), bytes, ...(found && { found }) });
  } catch (error) {
    return notStored(header, bytes, faultOf(deps, header, error));
  }
}

/** Answers with those that it has a verdict on: counted, by us or by somebody else, or to be set aside. */
export async function count(
  deps: TryDeps,
  fold: readonly RecordFate[],
  invocation: Invocation,
): Promise<readonly RecordFate[]> {
  if (!invocation.hasTime()) return [];
  const headers = fold.map(({ header }) => header);
  const verdicts = await surviving(deps, headers, async () => {
    try {
      tell(deps, await countFold(deps, fold), invocation.takenMs);
      return fold;
    } catch (error) {
      // One of them is at fault, and the others shall not go with it.
      if (fold.length > 1 && !(error instanceof Unavailable)) return 'one by one';
      return fold.map(({ header, bytes }) => notStored(header, bytes, faultOf(deps, header, error)));
    }
  });
  if (verdicts !== 'one by one') return verdicts ?? [];
  const singly: RecordFate[] = [];
  for (const fate of fold) singly.push(...(await count(deps, [fate], invocation)));
  return singly;
}

const notStored = (header: EnvelopeHeader, bytes: number, setAside: SetAside): RecordFate => ({
  header,
  fresh: [],
  duplicates: 0,
  conflicts: 0,
  bytes,
  setAside,
});

function faultOf({ logger }: TryDeps, header: EnvelopeHeader, error: unknown): SetAside {
  if (error instanceof Unavailable) throw error;
  if (error instanceof UnreadableEnvelope) return { reason: 'undecodable', cause: causeOf(error) };
  logger.error('a record makes our own code fail', { ...requestOf(header), header, error });
  return { reason: 'failed', cause: causeOf(error) };
}

function tell(deps: TryDeps, counted: readonly RecordFate[], takenMs: number): void {
  const countedMs = deps.clock.now();
  for (const record of counted) {
    deps.meter.milliseconds(metricNames.freshness, countedMs - record.header.receivedAtMs);
    measureCounted(deps.meter, record);
    tellCounted(deps, record, { takenMs, countedMs });
  }
}
