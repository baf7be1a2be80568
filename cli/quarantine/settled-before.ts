// A record that was named and is not in quarantine: done if it is in the state that was asked for, refused if not.

import type { SettleRequest } from '../../domain/quarantine/quarantine.ts';
import { iso } from '../../domain/system/time.ts';
import { CliError } from '../errors.ts';
import type { Result } from '../verb.ts';
import type { FoundRecord } from './find.ts';
import { renderSettled } from './outcomes.ts';
import { whatVoidMeans } from './shown-record.ts';

/** Stored events are counted, and only erasing an account removes them. */
export class RecordIsStored extends CliError {
  constructor(found: FoundRecord) {
    super(
      `${stateOf(found)}. It is not in quarantine, so it cannot be discarded. Nothing was done.`,
      `Only a record in quarantine can be discarded. To list those: weir quarantine list --account ${found.tenant.account}`,
    );
  }
}

export class RecordIsDiscarded extends CliError {
  constructor(found: FoundRecord) {
    super(
      `${stateOf(found)}. Discarding cannot be undone, so it cannot be replayed. Nothing was done.`,
      'Send its events again: their ids are free some half an hour after they were discarded.',
    );
  }
}

/** Its place is taken, so that an id that it would have made can be claimed by others. There is no payload. */
export class RecordIsVoid extends CliError {
  constructor(found: FoundRecord) {
    super(
      `${stateOf(found)}. It can be neither replayed nor discarded. Nothing was done.`,
      'Nothing needs to be done. If it comes after all, consume decides each of its events: those that others have are duplicates.',
    );
  }
}

export function alreadySettled(
  action: SettleRequest['action'],
  found: FoundRecord,
  isDryRun: boolean,
): Result {
  const { receipt } = found;
  if (receipt.state === 'void') throw new RecordIsVoid(found);
  if (action === 'discard' && receipt.state === 'counted') throw new RecordIsStored(found);
  if (action === 'replay' && receipt.state === 'discarded') throw new RecordIsDiscarded(found);
  const { lane, record, receivedAtMs, accepted: events } = receipt;
  const of = { lane, record, receivedAtMs, events };
  const { json, text } = renderSettled(action, [{ of, outcome: 'not_in_quarantine' }]);
  const nothing = `${stateOf(found)}: there is nothing to ${action}.`;
  if (isDryRun)
    return {
      json: { action, dry_run: true, records: [], events: 0, by_account: [] },
      text: nothing,
    };
  return { json, text: [text, nothing].join('\n\n') };
}

function stateOf({ tenant, record, receipt }: FoundRecord): string {
  const name = `The record ${record} of ${tenant.account} in ${tenant.environment}`;
  if (receipt.state === 'void') return `${name} ${whatVoidMeans}`;
  return receipt.state === 'counted'
    ? `${name} is stored since ${iso(receipt.storedAtMs)}`
    : `${name} is discarded`;
}
