// The responses of a route: its answers, and its problems by status.

import {
  type ProblemCode,
  problemContentType,
  problemDocument,
  problems,
} from '../../domain/api/problems.ts';
import { routeNameOf, routes } from '../../domain/api/routes.ts';
import { ownExamples } from './answers/problem.ts';
import { limitHeaderNames, type ResponseHeader, responseHeaders } from './headers.ts';
import type { Answer } from './operation.ts';
import { operationOf } from './operations/operations.ts';
import { canWait, problemsOf } from './problems-of.ts';
import { toJsonSchema } from './schemas.ts';

/** Of the problems that nearly every route has. The document holds each response once. */
const sharedNames: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'Unavailable',
  504: 'Timeout',
};

/** What the gateway answers to more than 10 MB. Nothing can be made of it. */
const gatewayTooLarge = {
  schema: { type: 'object', properties: { message: { type: 'string' } } },
  example: { message: 'Request Too Long' },
};

export type SharedResponses = Readonly<Record<string, object>>;

/** Those of a route with few problems of its own. */
export function sharedResponses(plain: (typeof routes)[number]): SharedResponses {
  const byStatus = Map.groupBy(problemsOf(plain), (code) => problems[code].status as number);
  return Object.fromEntries(
    Object.entries(sharedNames).map(([status, name]) => [
      name,
      problemObject(Number(status), byStatus.get(Number(status)) ?? [], []),
    ]),
  );
}

/** `schemas` gets the schemas that the answers refer to. */
export function responsesOf(
  route: (typeof routes)[number],
  schemas: Record<string, unknown>,
  shared: SharedResponses,
): object {
  const { answers, limits } = operationOf(routeNameOf(route));
  const responses: Record<string, unknown> = {};
  const ofLimits = limits ? limitHeaderNames : [];
  for (const [status, answer] of Object.entries(answers))
    responses[status] = answerObject(answer, ofLimits, schemas);
  const byStatus = Map.groupBy(problemsOf(route), (code) => problems[code].status as number);
  if (route.method === 'POST' && !byStatus.has(413)) byStatus.set(413, []);
  for (const [status, codes] of byStatus)
    responses[status] =
      route.method === 'HEAD'
        ? { description: described(codes), headers: headersOf(codes, []) }
        : orShared(status, problemObject(status, codes, ofLimits), shared);
  return responses;
}

/** Its place among the components, if it is there. */
function orShared(status: number, response: object, shared: SharedResponses): object {
  const name = sharedNames[status] ?? '';
  return JSON.stringify(shared[name]) === JSON.stringify(response)
    ? { $ref: `#/components/responses/${name}` }
    : response;
}

function answerObject(
  answer: Answer,
  limits: readonly ResponseHeader[],
  schemas: Record<string, unknown>,
): object {
  const { description, json, csv, headers = [] } = answer;
  const content = {
    ...(json && {
      'application/json': {
        schema: toJsonSchema(json.schema, schemas, { isOpen: true }),
        example: json.example,
      },
    }),
    ...(csv !== undefined && { 'text/csv': { schema: { type: 'string' }, example: csv } }),
  };
  return {
    description,
    headers: { ...refs(['x-request-id', ...headers, ...limits]) },
    ...(Object.keys(content).length > 0 && { content }),
  };
}

function problemObject(
  status: number,
  codes: readonly ProblemCode[],
  limits: readonly ResponseHeader[],
): object {
  return {
    description: described(codes),
    headers: headersOf(codes, limits),
    content: {
      ...(codes.length > 0 && {
        [problemContentType]: {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/Problem' },
              { type: 'object', properties: { code: { enum: codes } } },
            ],
          },
          examples: refsTo('examples', codes),
        },
      }),
      ...(status === 413 && { 'application/json': gatewayTooLarge }),
      ...(status === 429 && { 'application/json': firewallRefusal() }),
    },
  };
}

/** The firewall refuses before the gateway knows of a request. */
function firewallRefusal(): object {
  const { request_id: _, ...example } = problemDocument('rate_limited', '', { retry_after: 60 });
  return {
    schema: {
      type: 'object',
      description: 'Of the firewall, for too many requests of one address: without a `request_id`.',
      properties: Object.fromEntries(
        ['type', 'title', 'status', 'detail', 'code', 'retry_after'].map((name) => [
          name,
          { $ref: `#/components/schemas/Problem/properties/${name}` },
        ]),
      ),
    },
    example,
  };
}

const described = (codes: readonly ProblemCode[]): string =>
  codes.length === 0
    ? 'More than the gateway takes. It is no problem document.'
    : codes.map((code) => `${problems[code].title} (\`${code}\`)`).join(', ');

const headersOf = (codes: readonly ProblemCode[], limits: readonly ResponseHeader[]) =>
  refs(['x-request-id', ...(codes.some(canWait) ? (['retry-after'] as const) : []), ...limits]);

const refsTo = (kind: 'examples' | 'headers', names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/${kind}/${name}` }]));
const refs = (names: readonly (keyof typeof responseHeaders)[]) => refsTo('headers', names);

export const problemExamples = () =>
  Object.fromEntries(
    [...new Set(routes.flatMap(problemsOf))].map((code) => [
      code,
      {
        summary: problems[code].title,
        value: problemDocument(code, responseHeaders['x-request-id'].example, ownExamples[code]),
      },
    ]),
  );
