// The OpenAPI document. lambdas/openapi/openapi.json is printed from it, and that file is what GET /v1/openapi.json answers: no
// function loads this code.

import { leastRoleOf, type Route, routeNameOf, routes } from '../../domain/api/routes.ts';
import { anyProblem } from './answers/problem.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import type { Operation, Parameter } from './operation.ts';
import { eventSchema } from './operations/ingest.ts';
import { operationOf } from './operations/operations.ts';
import { problemExamples, responsesOf, type SharedResponses, sharedResponses } from './responses.ts';
import { toJsonSchema } from './schemas.ts';

const about = `Weir accepts events from many tenants, and stores and counts each exactly once.

Every error is a problem document (RFC 9457): decide by its \`code\`. A request for a path or a method that is not here is a 404 \`not_found\`. What belongs to another account or environment is answered like what does not exist. A parameter that is unknown, wrong or given twice is a 400 \`invalid_parameter\` that names it. Answers can get more members: ignore those that you do not know.`;

const tags: readonly { readonly name: Operation['tag']; readonly description: string }[] = [
  { name: 'events', description: 'Send events.' },
  { name: 'reading', description: 'Read what was sent: receipts, totals, counts over time, and limits.' },
  { name: 'quarantine', description: 'Accepted events that could not be stored yet.' },
  { name: 'keys', description: 'The API keys of an account, and its audit log.' },
  { name: 'members', description: 'The people of an account.' },
  { name: 'service', description: 'The service itself. No key is needed.' },
];

const securitySchemes = {
  apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'An API key.' },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, or the token of a person.',
  },
};

const [plainRoute] = routes.filter(({ path }) => path === '/v1/usage') as [(typeof routes)[number]];

export function openApiDocument() {
  const schemas: Record<string, unknown> = { Event: eventSchema };
  toJsonSchema(anyProblem, schemas, { isOpen: true });
  const responses = sharedResponses(plainRoute);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const item = paths[route.path] ?? {};
    item[route.method.toLowerCase()] = operationObject(route, schemas, responses);
    paths[route.path] = item;
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Weir',
      version: '1',
      summary: 'Multi-tenant event ingestion',
      description: about,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '..', description: 'Relative to the address of this document' }],
    tags,
    paths,
    components: {
      securitySchemes,
      parameters: headerParameters(),
      headers: responseHeaders,
      examples: problemExamples(),
      responses,
      schemas,
    },
  };
}

function operationObject(
  route: (typeof routes)[number],
  schemas: Record<string, unknown>,
  shared: SharedResponses,
): object {
  const operation = operationOf(routeNameOf(route));
  const { tag, id, summary, body, path, query, headers = [] } = operation;
  const { anyOf, peopleOnly }: Route = route;
  const isPublic = anyOf.length === 0;
  const role = leastRoleOf(route);
  const ofPeople = !isPublic && role !== undefined ? (['x-weir-account', 'x-weir-environment'] as const) : [];
  return {
    tags: [tag],
    operationId: id,
    summary,
    description: `${operation.description}\n\n${whoMay(route)}`,
    ...(!isPublic && { 'x-scopes': peopleOnly ? [] : anyOf, 'x-role': role ?? null }),
    security: isPublic ? [] : [...(peopleOnly ? [] : [{ apiKey: [] }]), { bearer: [] }],
    parameters: [
      ...parameters('path', path),
      ...parameters('query', query),
      ...[...headers, ...ofPeople].map((name) => ({ $ref: `#/components/parameters/${name}` })),
    ],
    ...(body && { requestBody: body }),
    responses: responsesOf(route, schemas, shared),
  };
}

function whoMay(route: Route): string {
  if (route.anyOf.length === 0) return 'It needs no key.';
  const role = leastRoleOf(route);
  const key = route.peopleOnly
    ? 'No key may call it.'
    : `It needs a key with the scope ${route.anyOf.join(' or ')}.`;
  return `${key} ${role ? `People need the role ${role}.` : 'No person may call it.'}`;
}

const parameters = (place: 'path' | 'query', named: Readonly<Record<string, Parameter>>) =>
  Object.entries(named).map(([name, { required, ...parameter }]) => ({
    name,
    in: place,
    required: place === 'path' || required === true,
    ...parameter,
  }));

const headerParameters = () =>
  Object.fromEntries(
    Object.entries(requestHeaders).map(([name, header]) => [
      name,
      { name, in: 'header', required: false, ...header },
    ]),
  );
