// Notices that a revoked key is used with the right secret: someone else may have it, or a client was forgotten. As the
// last use it is awaited for a moment, and the request is answered whatever becomes of it.

import { type ApiKey, useAt } from '../../domain/accounts/api-keys.ts';
import type { Notices } from '../../domain/accounts/port.ts';
import type { Clock } from '../../domain/system/port.ts';

export type NoteRevokedUse = (key: ApiKey, userAgent: string | undefined) => Promise<void>;

export function createNoteRevokedUse(notices: Notices, clock: Pick<Clock, 'now'>): NoteRevokedUse {
  let noted = { minuteMs: 0, keys: new Set<string>() };
  return async ({ id, account }, userAgent) => {
    const { minuteMs, client } = useAt(clock.now(), userAgent);
    if (noted.minuteMs !== minuteMs) noted = { minuteMs, keys: new Set() };
    if (noted.keys.has(id)) return;
    noted.keys.add(id);
    await notices
      .write({ what: 'key.used_after_revocation', minuteMs, account, key: id, client })
      .catch(() => {});
  };
}
