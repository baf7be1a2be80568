// The one list of routes. The template creates its resources and methods from it, the authorizer checks scopes and roles
// with it, and the functions dispatch on it and read no other query parameters than it names. lambdas/openapi explains each.

import { type Role, roleNames, roles } from '../accounts/roles.ts';

/** After this time the gateway answers 504. */
export const requestTimeMs = 10_000;

/** The most that authorize may take of it. */
export const authorizeTimeMs = 3000;

/** A function has this much longer than its request, so that a slow request ends in a 504 rather than in a crash. */
export const functionGraceMs = 2000;

export const scopes = ['ingest', 'read', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** `anyOf`: an API key needs one of these scopes. `admin` implies all others. An empty list: no key is needed. */
export type Route = {
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'POST';
  readonly path: string;
  readonly anyOf: readonly Scope[];
  readonly servedBy: 'ingest' | 'manage' | 'read';
  /** The parameters that it takes in its query. Absent: none. `metadata.*`: all that begin so, which it reads by itself. */
  readonly query?: readonly string[];
  /** It answers counts, and nothing of a single event: viewers may call it. */
  readonly countsOnly?: true;
  /** It reaches all environments of the account, and a key has one: no key may call it, whatever its scopes. */
  readonly peopleOnly?: true;
  /** The fraction of its plan's rate that an account may use on this route. Absent: all of it. */
  readonly planShare?: number;
  /** At most so many requests a second of an account, whatever its plan. Absent: no such bound. */
  readonly mostPerSecond?: number;
};

/**
 * A bucket of 10 that 10 a second fill: with 2 seconds for the largest summaries, an account holds 30 instances of read, and
 * with 5 for the slowest 60. `prod` reserves 100.
 */
const summariesPerSecond = 10;
/** A series takes what a summary takes: 15 instances, or 30. */
const seriesPerSecond = 5;

/**
 * At 200 read units each, 2,000 a second: a partition of the table, which may hold pages of several accounts, gives 3,000. With
 * half a second for the 50 calls of the largest answer: 5 instances.
 */
const searchesPerSecond = 10;

/** People and scripts manage: a few requests at a time. */
const managedPerSecond = 5;
/** Each can take 5 seconds, and an instance of settle, of which `prod` reserves 5. */
const settledPerSecond = 1;

/** Each asks every table and stream, unless the instance did so just before. */
const probedPerSecond = 1;

const managed = { anyOf: ['admin'], servedBy: 'manage', mostPerSecond: managedPerSecond } as const;

export const routes = [
  { method: 'POST', path: '/v1/events', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/v1/batch', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/v1/track', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/v1/identify', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/v1/page', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/v1/screen', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/v1/group', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/v1/alias', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/b', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/t', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/i', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/p', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/s', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/g', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/a', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/v1/logs', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/api/v1/events', anyOf: ['ingest'], servedBy: 'ingest' },
  { method: 'POST', path: '/v1/events:debug', anyOf: ['ingest'], servedBy: 'ingest', planShare: 0.1 },
  {
    method: 'GET',
    path: '/v1/events',
    anyOf: ['read'],
    servedBy: 'read',
    query: ['from', 'to', 'type', 'service', 'user_id', 'event_id', 'metadata.*', 'order', 'limit', 'cursor'],
    mostPerSecond: searchesPerSecond,
  },
  { method: 'GET', path: '/v1/events/{event_id}', anyOf: ['read'], servedBy: 'read' },
  { method: 'GET', path: '/v1/batches/{batch_id}', anyOf: ['ingest', 'read'], servedBy: 'read' },
  {
    method: 'GET',
    path: '/v1/accounts/{account_id}/summary',
    anyOf: ['read'],
    servedBy: 'read',
    query: ['window', 'from', 'to', 'format'],
    countsOnly: true,
    mostPerSecond: summariesPerSecond,
  },
  {
    method: 'GET',
    path: '/v1/accounts/{account_id}/series',
    anyOf: ['read'],
    servedBy: 'read',
    query: ['interval', 'group_by', 'from', 'to', 'tz', 'format'],
    countsOnly: true,
    mostPerSecond: seriesPerSecond,
  },
  {
    method: 'GET',
    path: '/v1/usage',
    anyOf: ['ingest', 'read'],
    servedBy: 'read',
    countsOnly: true,
    mostPerSecond: managedPerSecond,
  },
  {
    method: 'GET',
    path: '/v1/slo',
    anyOf: ['read'],
    servedBy: 'read',
    countsOnly: true,
    mostPerSecond: managedPerSecond,
  },
  { method: 'GET', path: '/v1/quarantine', anyOf: ['read'], servedBy: 'read' },
  {
    ...managed,
    method: 'POST',
    path: '/v1/quarantine/{record}/replay',
    mostPerSecond: settledPerSecond,
  },
  {
    ...managed,
    method: 'POST',
    path: '/v1/quarantine/{record}/discard',
    mostPerSecond: settledPerSecond,
  },
  {
    method: 'GET',
    path: '/v1/rejections',
    anyOf: ['read'],
    servedBy: 'read',
    query: ['from', 'to', 'code', 'field', 'key_id', 'client'],
    mostPerSecond: managedPerSecond,
  },
  {
    method: 'GET',
    path: '/v1/rejections/events',
    anyOf: ['read'],
    servedBy: 'read',
    query: ['limit', 'cursor'],
    mostPerSecond: managedPerSecond,
  },
  { ...managed, method: 'GET', path: '/v1/keys' },
  { ...managed, method: 'POST', path: '/v1/keys' },
  { ...managed, method: 'POST', path: '/v1/keys/{key_id}/rotate', query: ['force'] },
  { ...managed, method: 'DELETE', path: '/v1/keys/{key_id}', query: ['force'] },
  { ...managed, method: 'GET', path: '/v1/members' },
  { ...managed, method: 'POST', path: '/v1/members', peopleOnly: true },
  { ...managed, method: 'DELETE', path: '/v1/members/{person}', peopleOnly: true },
  { ...managed, method: 'GET', path: '/v1/audit', query: ['from', 'to', 'limit', 'cursor'] },
  { ...managed, method: 'GET', path: '/v1/health', mostPerSecond: probedPerSecond },
  { method: 'GET', path: '/v1/openapi.json', anyOf: [], servedBy: 'read' },
  { method: 'GET', path: '/health', anyOf: [], servedBy: 'read' },
  { method: 'HEAD', path: '/health', anyOf: [], servedBy: 'read' },
] as const satisfies readonly Route[];

type Each = (typeof routes)[number];
type NameOf<R extends Each> = R extends Each ? `${R['method']} ${R['path']}` : never;
export type RouteName = NameOf<Each>;
type Named<Name extends RouteName> = Extract<
  Each,
  Name extends `${infer Method} ${infer Path}` ? { readonly method: Method; readonly path: Path } : never
>;
type QueryIn<R> = R extends { readonly query: readonly (infer Name extends string)[] } ? Name : never;
/** The names of its query parameters. */
export type QueryName<Name extends RouteName> = QueryIn<Named<Name>>;

export const routeNameOf = ({ method, path }: Each): RouteName => `${method} ${path}` as RouteName;

export function queryNamesOf<Name extends RouteName>(name: Name): readonly QueryName<Name>[] {
  const route: Route | undefined = routes.find((each) => routeNameOf(each) === name);
  return (route?.query ?? []) as readonly QueryName<Name>[];
}

export function findRoute(method: string, path: string): Route | undefined {
  return routes.find((route) => route.method === method && route.path === path);
}

/** It takes events to be stored. Public keys may call these routes and no other. */
export const acceptsEvents = ({ servedBy, path }: Pick<Route, 'servedBy' | 'path'>): boolean =>
  servedBy === 'ingest' && path !== '/v1/events:debug';

/** Of a key, by its scopes, or of a person, by a role. */
export function allows(route: Route, held: readonly Scope[] | Role): boolean {
  if (route.anyOf.length === 0) return true;
  if (typeof held === 'string') return allowsRole(route, held);
  if (route.peopleOnly) return false;
  return held.includes('admin') || route.anyOf.some((scope) => held.includes(scope));
}

function allowsRole(route: Route, role: Role): boolean {
  const { scopes, countsOnly } = roles[role];
  const held: readonly Scope[] = scopes;
  return route.anyOf.some((scope) => held.includes(scope)) && (!countsOnly || route.countsOnly === true);
}

/** Undefined if people may not call it, whatever their role. */
export const leastRoleOf = (route: Route): Role | undefined => roleNames.find((role) => allows(route, role));
