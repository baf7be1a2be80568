// The account of the platform's own, by which its probe sends an event a minute through the door and reads it back. It is an
// account as any other, so that what works for it works for all.

import type { Random } from '../system/port.ts';
import type { Account } from './accounts.ts';
import type { MadeKey } from './key-changes.ts';
import { formatSecret, hashSecret, secretRandomBytes } from './secrets.ts';

export const probeAccount = 'weir-probe';
const environment = 'production';
/** Always the same, so that a new secret takes the place of the one before. */
export const probeKeyId = '000000000000';

export function makeProbeKey(
  { generation }: Pick<Account, 'generation'>,
  random: Random,
  nowMs: number,
): MadeKey {
  const secret = formatSecret(
    { environment, account: probeAccount, keyId: probeKeyId },
    random.bytes(secretRandomBytes),
  );
  return {
    secret,
    key: {
      id: probeKeyId,
      account: probeAccount,
      generation,
      environment,
      scopes: ['ingest', 'read'],
      hash: hashSecret(secret),
      createdAtMs: nowMs,
      createdBy: 'probe',
    },
  };
}
