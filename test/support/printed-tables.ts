// The tables of the guide that are printed from code, so that a page and the code cannot disagree.

import { type Problem, type ProblemCode, problems } from '../../domain/api/problems.ts';
import { leastRoleOf, type Route, type RouteName, routes } from '../../domain/api/routes.ts';

const end = '<!-- end of what is printed -->';

/** The page with its table printed again, and its other text as it is. */
export function withPrinted(page: string, source: string, table: readonly string[]): string {
  const begin = `<!-- printed from ${source} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from === -1 || to < from)
    throw new Error(`The page has lost the lines "${begin}" and "${end}", between which its table is.`);
  return `${page.slice(0, from)}${begin}\n\n${table.join('\n')}\n\n${page.slice(to)}`;
}

export const problemsByStatus: readonly (readonly [code: ProblemCode, problem: Problem])[] = (
  Object.entries(problems) as [ProblemCode, Problem][]
).toSorted(([, one], [, other]) => one.status - other.status);

export const withPrintedProblems = (page: string): string =>
  withPrinted(page, 'domain/api/problems.ts', [
    '| code | status | title and detail | `Retry-After` |',
    '|---|--:|---|--:|',
    ...problemsByStatus.map(
      ([code, { status, title, detail, retryAfter = '' }]) =>
        `| \`${code}\` | ${status} | **${title}.** ${cell(detail)} | ${retryAfter} |`,
    ),
  ]);

/** Markdown would take `<timestamp>` for a tag, and show nothing of it. */
const cell = (text: string): string => text.replace(/[<|]/g, '\\$&');

/** What each does, with the place that explains it. A route that is missing here does not compile. */
const explained = {
  'POST /v1/events': '[accept a batch of events](sending-events.md)',
  'POST /v1/events:debug':
    '[try a batch without storing it](sending-events.md#try-a-batch-without-storing-it)',
  'POST /v1/batch': '[calls of Segment or RudderStack](existing-clients.md#segment)',
  'POST /v1/track': '[one track call](existing-clients.md#segment)',
  'POST /v1/identify': '[one identify call](existing-clients.md#segment)',
  'POST /v1/page': '[one page call](existing-clients.md#segment)',
  'POST /v1/screen': '[one screen call](existing-clients.md#segment)',
  'POST /v1/group': '[one group call](existing-clients.md#segment)',
  'POST /v1/alias': '[one alias call](existing-clients.md#segment)',
  'POST /b': '[a batch of calls from a browser](existing-clients.md#segment-in-browsers)',
  'POST /t': '[one track call from a browser](existing-clients.md#segment-in-browsers)',
  'POST /i': '[one identify call from a browser](existing-clients.md#segment-in-browsers)',
  'POST /p': '[one page call from a browser](existing-clients.md#segment-in-browsers)',
  'POST /s': '[one screen call from a browser](existing-clients.md#segment-in-browsers)',
  'POST /g': '[one group call from a browser](existing-clients.md#segment-in-browsers)',
  'POST /a': '[one alias call from a browser](existing-clients.md#segment-in-browsers)',
  'POST /v1/logs': '[logs of OpenTelemetry](existing-clients.md#opentelemetry)',
  'POST /api/v1/events': '[CloudEvents of OpenMeter](existing-clients.md#openmeter)',
  'GET /v1/events': '[search of events](search.md)',
  'GET /v1/events/{event_id}': '[one event](search.md#one-event)',
  'GET /v1/batches/{batch_id}': '[what became of a batch](reading.md#the-receipt)',
  'GET /v1/accounts/{account_id}/summary': '[totals of a window](reading.md#the-summary)',
  'GET /v1/accounts/{account_id}/series': '[counts over time](reading.md#series)',
  'GET /v1/usage': '[limits and what is used of them](limits.md#usage)',
  'GET /v1/slo': '[what the account got of what is promised](service-levels.md)',
  'GET /v1/quarantine': '[what is in quarantine](quarantine.md)',
  'POST /v1/quarantine/{record}/replay': '[store a quarantined record](quarantine.md#replay-or-discard)',
  'POST /v1/quarantine/{record}/discard': '[give a quarantined record up](quarantine.md#replay-or-discard)',
  'GET /v1/rejections': '[what was rejected, and why](rejections.md)',
  'GET /v1/rejections/events': '[rejected events that are kept](rejections.md#keep-rejected-events)',
  'GET /v1/keys': '[the keys of the account](keys.md)',
  'POST /v1/keys': '[create a key](keys.md#create-a-key)',
  'POST /v1/keys/{key_id}/rotate': '[replace a key](keys.md#rotate-a-key)',
  'DELETE /v1/keys/{key_id}': '[revoke a key](keys.md#revoke-a-key)',
  'GET /v1/members': '[the people of the account](members.md)',
  'POST /v1/members': '[add a member, or give another role](members.md#add-a-member-or-change-a-role)',
  'DELETE /v1/members/{person}': '[remove a member](members.md#remove-a-member)',
  'GET /v1/audit': '[who changed what](keys.md#the-audit-log)',
  'GET /v1/health': '[whether each dependency answers](routes.md#deep-health)',
  'GET /v1/openapi.json': '[this API, as an OpenAPI document](#openapi)',
  'GET /health': '[liveness](#health)',
  'HEAD /health': '[liveness](#health), without a body',
} as const satisfies Record<RouteName, string>;

/** The page that explains a route, and the heading in it, if it names one. */
export function pageOf(name: RouteName): { readonly page: string; readonly heading: string } {
  const [, page = '', heading = ''] = /\]\(([^)#]*)#?([^)]*)\)/.exec(explained[name]) ?? [];
  return { page, heading };
}

export const withPrintedRoutes = (page: string): string =>
  withPrinted(page, 'domain/api/routes.ts', [
    '| method and path | scope of a key | role of a person | answers |',
    '|---|---|---|---|',
    ...routes.map((route: Route) => {
      const name = `${route.method} ${route.path}` as RouteName;
      const isPublic = route.anyOf.length === 0;
      const scope = isPublic ? 'no key' : 'peopleOnly' in route ? 'none may' : route.anyOf.join(' or ');
      const role = isPublic ? 'no token' : (leastRoleOf(route) ?? 'none may');
      return `| \`${name}\` | ${scope} | ${role} | ${explained[name]} |`;
    }),
  ]);
