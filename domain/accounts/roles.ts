// What people may do in an account, by their role. Which routes that is, is derived from the scopes that the routes name
// (domain/api/routes.ts), so that a route and this table cannot disagree. No role may send events: programs do, with keys.

export const roles = {
  /** Only routes that answer counts, and nothing of a single event. */
  viewer: { scopes: ['read'], countsOnly: true },
  analyst: { scopes: ['read'], countsOnly: false },
  owner: { scopes: ['read', 'admin'], countsOnly: false },
} as const;

/** In this order: each may do what the one before may. */
export type Role = keyof typeof roles;

export const roleNames = Object.keys(roles) as readonly Role[];
export const isRole = (value: unknown): value is Role => roleNames.some((role) => role === value);
