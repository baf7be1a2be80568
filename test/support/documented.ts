// Whether an answer of the API is one that the OpenAPI document describes: its status, its headers, and every member of its
// body. Strictly: what is not described fails.

import type * as z from 'zod';
import type { ProblemCode } from '../../domain/api/problems.ts';
import { problems } from '../../domain/api/problems.ts';
import { routeNameOf, routes } from '../../domain/api/routes.ts';
import { problemSchemaOf } from '../../lambdas/openapi/answers/problem.ts';
import { limitHeaderNames } from '../../lambdas/openapi/headers.ts';
import { operationOf } from '../../lambdas/openapi/operations/operations.ts';
import { canWait, problemsOf } from '../../lambdas/openapi/problems-of.ts';

export type SeenAnswer = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
};

type EachRoute = (typeof routes)[number];

/** Of HTTP itself, of browsers, and of API Gateway. */
const undescribed =
  /^(content-type|content-length|content-encoding|date|connection|keep-alive|transfer-encoding|vary|access-control-.*|x-amz.*)$/;

const patterns = routes.map(
  (route) =>
    [route, new RegExp(`^${RegExp.escape(route.path).replaceAll(/\\\{\w+\\\}/g, '[^/]+')}/?$`)] as const,
);

export const routeAt = (method: string, path: string): EachRoute | undefined =>
  patterns.find(([route, pattern]) => route.method === method && pattern.test(path.split('?')[0] ?? ''))?.[0];

/** What is wrong with it, in words. Empty where it is as described, or about no route. */
export function undocumented(method: string, path: string, answer: SeenAnswer): readonly string[] {
  const route = routeAt(method, path);
  if (!route) return [];
  const type = answer.headers.get('content-type') ?? '';
  const faults = isProblem(type, answer)
    ? faultsOfProblem(route, answer)
    : faultsOfAnswer(route, type, answer);
  return faults.map((fault) => `${method} ${path}: ${answer.status}: ${fault}`);
}

const isProblem = (type: string, { status }: SeenAnswer): boolean =>
  type.startsWith('application/problem+json') || (status >= 400 && type !== '');

function faultsOfAnswer(route: EachRoute, type: string, { status, headers, body }: SeenAnswer): string[] {
  const { answers, limits } = operationOf(routeNameOf(route));
  const answer = answers[status];
  if (!answer) return status >= 400 ? [] : ['no such status is described'];
  const known = ['x-request-id', ...(answer.headers ?? []), ...(limits ? limitHeaderNames : [])];
  const faults = faultsOfHeaders(headers, known);
  if (type.startsWith('text/csv')) return answer.csv === undefined ? [...faults, 'it is CSV'] : faults;
  if (answer.json) return [...faults, ...faultsOfBody(answer.json.schema, body)];
  return body === '' ? faults : [...faults, 'it has a body'];
}

function faultsOfProblem(route: EachRoute, { status, headers, body }: SeenAnswer): string[] {
  const { code, request_id } = JSON.parse(body) as { code?: ProblemCode; request_id?: string };
  // Of the gateway, and of its firewall.
  if (status === 413 && code === undefined) return [];
  if (status === 429 && request_id === undefined) return [];
  if (code === undefined || !problemsOf(route).includes(code)) return [`the code ${code} is not described`];
  const { limits, answers } = operationOf(routeNameOf(route));
  const known = [
    'x-request-id',
    ...(canWait(code) ? ['retry-after'] : []),
    // A refused read says how the account stands, and a replayed refusal that it is one.
    ...Object.values(answers).flatMap((answer) => answer.headers ?? []),
    ...(limits ? limitHeaderNames : []),
  ];
  const faults = [...faultsOfHeaders(headers, known), ...faultsOfBody(problemSchemaOf(code), body)];
  return status === problems[code].status ? faults : [...faults, `${code} has another status`];
}

const faultsOfHeaders = (headers: ReadonlyMap<string, string>, known: readonly string[]): string[] => {
  const names = new Set(known.map((name) => name.toLowerCase()));
  return [
    ...(headers.has('x-request-id') ? [] : ['it has no x-request-id']),
    ...[...headers.keys()]
      .filter((name) => !undescribed.test(name) && !names.has(name))
      .map((name) => `the header ${name} is not described`),
  ];
};

function faultsOfBody(schema: z.ZodType, body: string): string[] {
  const { error } = schema.safeParse(JSON.parse(body));
  return (error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.') || 'the body'}: ${message}, in ${body.slice(0, 500)}`,
  );
}

/** Throws where it is not as described. */
export function assertDocumented(method: string, path: string, answer: SeenAnswer): void {
  const faults = undocumented(method, path, answer);
  if (faults.length > 0)
    throw new Error(`This answer is not as lambdas/openapi describes it:\n${faults.join('\n')}`);
}
