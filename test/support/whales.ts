// An account that has received much in the last hour, as far as its documents say: no test can send so much.

import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { DynamoLanes } from '../../adapters/counting/dynamodb-lanes.ts';
import { slotHolds } from '../../domain/accounts/slot-advice.ts';
import { emptyDocument } from '../../domain/documents/documents.ts';
import { emptyIntake } from '../../domain/documents/intake.ts';
import type { Tenant } from '../../domain/keys.ts';
import { dayMs, floorTo, hourMs } from '../../domain/system/time.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { operatorConnection, tableNameOf } from '../storm/tables.ts';
import { noPause } from './tables.ts';

/** As much as so many slots hold. */
export async function receiveMuch(twin: RunningWeir, tenant: Tenant, slots: number): Promise<void> {
  const client = createDocumentClient(workTimeouts, operatorConnection(twin));
  try {
    const lanes = new DynamoLanes({ client, name: tableNameOf(twin, 'Aggregates'), pause: noPause });
    const nowMs = twin.clock.now();
    const key = {
      lane: { tenant, slot: 0, late: false },
      kind: 'intake',
      hourMs: floorTo(nowMs, hourMs) - hourMs,
    } as const;
    const received = Math.round((slots * slotHolds.events * hourMs) / 1000);
    const fields = { ...emptyIntake, received, stored: received, records: received / 100, bytes: received };
    await lanes.putDocument({ ...emptyDocument(key), expiresAtMs: nowMs + dayMs, fields });
  } finally {
    client.destroy();
  }
}
