// A line of the access log, as lib/api/access-log.ts lays it out, read for what it counts.

import { findRoute } from '../api/routes.ts';
import { isAccountId, isEnvironment, isGeneration } from '../keys.ts';
import { hourMs } from '../system/time.ts';
import { addedOnceForMs, type MeasuredRequest, type Outcome, type RouteGroup } from './account-levels.ts';
import { objectiveOfRoute } from './route-objectives.ts';

/** An older one may be one that was added before, whose guard is gone. And clocks differ a little. */
const oldestLineMs = addedOnceForMs;
const newestLineMs = hourMs;

/** `unmeasured`: it names no account, because nobody knows whose it was, or is of a route that no level counts. */
export type ReadLine = MeasuredRequest | 'unmeasured' | 'unreadable';

/** API Gateway writes "-" for a value that it does not have. */
export function readLine(message: string, nowMs: number): ReadLine {
  const line = parsed(message);
  if (!line) return 'unreadable';
  const { accountId, environment, generation, requestTimeEpoch, method, route, status } = line;
  if (!isText(accountId) || accountId === '-') return 'unmeasured';
  const tenant = { account: accountId, environment: String(environment), generation: Number(generation) };
  const isTenant =
    isAccountId(tenant.account) &&
    isEnvironment(tenant.environment) &&
    isText(generation) &&
    isGeneration(tenant.generation);
  const [atMs, code] = [Number(requestTimeEpoch), Number(status)];
  const isInTime = atMs > nowMs - oldestLineMs && atMs < nowMs + newestLineMs;
  if (!isTenant || !isInTime || !(code >= 100 && code < 600)) return 'unreadable';
  const group = groupOf(String(method), String(route));
  if (!group) return 'unmeasured';
  const outcome = outcomeOf(code, String(line.responseType));
  const latencyMs = Number(line.responseLatencyMs);
  const isTimed = outcome !== 'throttled' && outcome !== 'denied' && latencyMs >= 0;
  return { tenant, atMs, group, outcome, ...(isTimed && { latencyMs }) };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function parsed(message: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const line: unknown = JSON.parse(message);
    return typeof line === 'object' && line !== null ? (line as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Dry runs and health count in no level, as in no objective. Nor does a route that is not there. */
function groupOf(method: string, path: string): RouteGroup | undefined {
  const route = findRoute(method, path);
  if (!route || route.anyOf.length === 0) return undefined;
  if (route.servedBy === 'ingest') return objectiveOfRoute(route) === 'ingest' ? 'ingest' : undefined;
  if (route.servedBy === 'manage') return 'manage';
  if (path === '/v1/events') return 'search';
  return path === '/v1/accounts/{account_id}/summary' ? 'summary' : 'reads';
}

/** `responseType`: of an answer that the gateway made itself. */
function outcomeOf(status: number, responseType: string): Outcome {
  if (status === 504) return 'timed_out';
  if (status >= 500) return 'failed';
  if (status < 400) return 'answered';
  if (status === 429) return responseType === '-' ? 'limited' : 'throttled';
  return responseType === 'ACCESS_DENIED' ? 'denied' : 'refused';
}
