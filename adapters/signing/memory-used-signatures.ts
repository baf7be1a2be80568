// Used signatures in memory, with the same rules as in DynamoDB.

import { usedSignatureKey } from '../../domain/keys.ts';
import type { UsedSignatures } from '../../domain/signing/port.ts';

export class MemoryUsedSignatures implements UsedSignatures {
  readonly #untilMs = new Map<string, number>();

  async use(account: string, digest: string, nowMs: number, untilMs: number): Promise<boolean> {
    const key = usedSignatureKey(account, digest);
    const before = this.#untilMs.get(key);
    if (before !== undefined && before >= nowMs) return false;
    this.#untilMs.set(key, untilMs);
    return true;
  }
}
