// Notes when a key was last used, to the minute, and by which client. It is awaited, because Lambda stops an instance
// after its answer. It costs no request its answer: what cannot be written is noted at the next read of the principal.

import { useAt } from '../../domain/accounts/api-keys.ts';
import type { LastUses } from '../../domain/accounts/port.ts';
import type { Clock } from '../../domain/system/port.ts';
import type { ReadPrincipal } from './principals.ts';

export type NoteUse = (read: ReadPrincipal, userAgent: string | undefined) => Promise<void>;

export const createNoteUse =
  (lastUses: LastUses, clock: Pick<Clock, 'now'>): NoteUse =>
  async (read, userAgent) => {
    if (read.isUseNoted) return;
    read.isUseNoted = true;
    const { key, lastUse } = read.principal;
    const use = useAt(clock.now(), userAgent);
    if (lastUse && lastUse.minuteMs >= use.minuteMs) return;
    await lastUses.write(key.id, use).catch(() => {});
  };
