import { describe, expect, it } from 'vitest';
import { roleNames } from '../../../../domain/accounts/roles.ts';
import { allows, leastRoleOf, type Route, routes, scopes } from '../../../../domain/api/routes.ts';

/** Also routes that are not there yet. */
const possible: readonly Route[] = [
  [],
  ['ingest'],
  ['read'],
  ['admin'],
  ['ingest', 'read'],
  [...scopes],
].flatMap((anyOf) =>
  [undefined, true as const].map((countsOnly) => ({
    method: 'GET' as const,
    path: '/',
    anyOf: anyOf as Route['anyOf'],
    servedBy: 'read' as const,
    ...(countsOnly && { countsOnly }),
  })),
);
const all: readonly Route[] = [...routes, ...possible];

describe('a role', () => {
  it('may do what the one before it may', () => {
    for (const route of all) {
      const allowed = roleNames.map((role) => allows(route, role));
      expect(allowed, JSON.stringify(route)).toEqual(allowed.toSorted());
    }
  });

  it('never sends events', () => {
    for (const route of all.filter(({ anyOf }) => anyOf.every((scope) => scope === 'ingest')))
      if (route.anyOf.length > 0) expect(leastRoleOf(route), route.path).toBeUndefined();
  });

  it.each([
    ['GET /v1/accounts/{account_id}/summary', 'viewer'],
    ['GET /v1/batches/{batch_id}', 'analyst'],
    ['GET /v1/quarantine', 'analyst'],
    ['POST /v1/events', undefined],
    ['POST /v1/events:debug', undefined],
  ])('may call %s from %s on', (name, role) => {
    const route = all.find(({ method, path }) => `${method} ${path}` === name);

    expect(route && leastRoleOf(route)).toBe(role);
  });

  it('of an owner alone may do what needs the scope admin', () => {
    expect(
      roleNames.filter((role) => allows(possible.find(({ anyOf }) => anyOf[0] === 'admin') as Route, role)),
    ).toEqual(['owner']);
  });

  it('of an analyst may do what the scope read allows', () => {
    for (const route of all) expect(allows(route, ['read'])).toBe(allows(route, 'analyst'));
  });
});
