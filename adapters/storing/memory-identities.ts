// Identities in memory, with the same rules as in DynamoDB.

import type { Identity, IdentityClaim } from '../../domain/storing/identity.ts';
import type { ClaimResult, Identities } from '../../domain/storing/port.ts';

export class RepeatedKey extends Error {
  override readonly name = 'RepeatedKey';
}

export class MemoryIdentities implements Identities {
  readonly held = new Map<string, Identity>();

  async claim(claims: readonly IdentityClaim[]): Promise<ClaimResult[]> {
    if (new Set(claims.map(({ key }) => key)).size !== claims.length) {
      throw new RepeatedKey('A call must not name a key twice.');
    }
    return claims.map((claim) => {
      const by = this.held.get(claim.key);
      if (by && claim.receivedAtMs <= by.untilMs) return { outcome: 'held', by };
      const { record, page, digest, untilMs } = claim;
      this.held.set(claim.key, { record, page, digest, untilMs });
      return { outcome: 'claimed' };
    });
  }

  async release(claims: readonly IdentityClaim[], untilMs: number): Promise<void> {
    for (const { key, page } of claims) {
      const by = this.held.get(key);
      if (by?.page === page && by.untilMs > untilMs) this.held.set(key, { ...by, untilMs });
    }
  }
}
