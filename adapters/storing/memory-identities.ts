// Identities in memory, with the same rules as in DynamoDB.

import type { Identity, IdentityClaim } from '../../domain/storing/identity.ts';
import type { ClaimResult, Identities } from '../../domain/storing/port.ts';

export class MemoryIdentities implements Identities {
  readonly held = new Map<string, Identity>();

  async claim(claims: readonly IdentityClaim[]): Promise<ClaimResult[]> {
    return claims.map((claim) => {
      const by = this.held.get(claim.key);
      if (by && claim.receivedAtMs <= by.untilMs) return { outcome: 'held', by };
      const { record, page, digest, untilMs } = claim;
      this.held.set(claim.key, { record, page, digest, untilMs });
      return { outcome: 'claimed' };
    });
  }

  async find(key: string): Promise<Identity | undefined> {
    return this.held.get(key);
  }

  async release(claims: readonly IdentityClaim[], untilMs: number): Promise<void> {
    for (const { key, page } of claims) {
      const by = this.held.get(key);
      if (by?.page === page && by.untilMs > untilMs) this.held.set(key, { ...by, untilMs });
    }
  }
}
