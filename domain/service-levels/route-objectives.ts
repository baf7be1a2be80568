// Which requests objectives of answers count. Apart from the objectives, which functions load that know no routes.

import { acceptsEvents, type Route } from '../api/routes.ts';

/**
 * Which objective counts the requests to a route. None counts dry runs, which store nothing: a client that tries bad input all
 * day must not burn the budget of those who send, nor hide their failures among its own answers. Health probes are no users.
 */
export function objectiveOfRoute({
  servedBy,
  path,
}: Pick<Route, 'servedBy' | 'path'>): 'ingest' | 'read' | undefined {
  if (path === '/v1/events:debug' || path === '/health') return undefined;
  return acceptsEvents({ servedBy, path }) ? 'ingest' : 'read';
}
