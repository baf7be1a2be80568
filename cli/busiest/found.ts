// What report has found of the busiest accounts, and how old it is.

import type { Busiest } from '../../domain/accounts/busiest.ts';
import { liveNameOf } from '../../domain/system/stage-names.ts';
import { minuteMs } from '../../domain/system/time.ts';
import { CliError } from '../errors.ts';
import type { Operator } from '../operator.ts';
import type { RecordAccess } from '../record-access.ts';
import { renderAge, renderMinute } from '../terminal/instants.ts';

export class NothingFoundYet extends CliError {
  constructor(stage: string) {
    super(
      'Report has not run yet, so that nothing is known of the busiest accounts.',
      `It runs every 15 minutes. To run it at once: aws lambda invoke --function-name ${liveNameOf(stage, 'report')} /dev/stdout; ` +
        'in the twin, move its clock instead: curl -X POST http://127.0.0.1:8787/_weir/clock -d \'{"advance_ms":900000}\'',
    );
  }
}

export async function findBusiest({ stage }: Operator, { busiest }: RecordAccess): Promise<Busiest> {
  const found = await busiest.find();
  if (!found) throw new NothingFoundYet(stage);
  return found;
}

/** Report has missed a run. */
const isOldAfterMs = 31 * minuteMs;

export function renderFound({ atMs, unseen }: Busiest, nowMs: number): readonly string[] {
  const ageMs = nowMs - atMs;
  return [
    `Report looked at the accounts ${renderAge(ageMs)} ago, at ${renderMinute(atMs)} UTC.`,
    ...(ageMs > isOldAfterMs
      ? ['It should look every 15 minutes: see docs/runbooks/consumer-errors.md.']
      : []),
    ...(unseen > 0 ? [`It had no time for ${unseen} environments, which are missing here.`] : []),
  ];
}
