// Claims of new event ids: the least that storing an event costs the tables.

import type { IdentityClaim } from '../../domain/storing/identity.ts';

export const bareClaims = (prefix: string, count: number): IdentityClaim[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `acme#production#0#${prefix}-${index}`,
    record: 'b.0',
    page: '0#01#1740000000000#b.0#0',
    digest: new Uint8Array(16),
    receivedAtMs: 0,
    untilMs: 1,
    expiresAtMs: 2,
  }));
