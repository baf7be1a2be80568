import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ProblemCode, problems } from '../../../domain/api/problems.ts';
import { queryNamesOf, type Route, routeNameOf, routes } from '../../../domain/api/routes.ts';
import { problemSchemaOf } from '../../../lambdas/openapi/answers/problem.ts';
import { openApiDocument } from '../../../lambdas/openapi/document.ts';
import { responseHeaders } from '../../../lambdas/openapi/headers.ts';
import type { Parameter } from '../../../lambdas/openapi/operation.ts';
import { operationOf } from '../../../lambdas/openapi/operations/operations.ts';
import { problemsOf } from '../../../lambdas/openapi/problems-of.ts';
import { undocumented } from '../../support/documented.ts';

const file = resolve('lambdas/openapi/openapi.json');
// biome-ignore lint/suspicious/noExplicitAny: tests read any part of a document
const document: any = JSON.parse(JSON.stringify(openApiDocument()));
const named = routes.map((route) => [routeNameOf(route), route] as const);

// biome-ignore lint/suspicious/noExplicitAny: as above
function found(part: any): any {
  if (part?.$ref === undefined) return part;
  return found(
    part.$ref
      .slice('#/'.length)
      .split('/')
      .reduce((at: Record<string, unknown>, name: string) => at?.[name], document),
  );
}

const operationAt = ({ method, path }: Pick<Route, 'method' | 'path'>) =>
  document.paths[path]?.[method.toLowerCase()];

it('lambdas/openapi/openapi.json is printed from the code: "npx vitest run test/unit/guide -u" prints it again', async () => {
  await expect(`${JSON.stringify(document, undefined, 2)}\n`).toMatchFileSnapshot(file);
});

it('it has the routes of the list and no others', () => {
  const described = Object.entries<object>(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );

  expect(described.toSorted()).toEqual(routes.map(routeNameOf).toSorted());
});

it('every reference in it leads somewhere, and every component is referred to', () => {
  const text = JSON.stringify(document);
  const references = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, to = '']) => to));

  for (const $ref of references) expect(found({ $ref }), $ref).toBeDefined();
  for (const [kind, components] of Object.entries<object>(document.components)) {
    if (kind === 'securitySchemes') continue;
    for (const name of Object.keys(components))
      expect(
        [...references].some((to) => to.startsWith(`#/components/${kind}/${name}`)),
        name,
      ).toBe(true);
  }
});

it('every code is described for some route, but the one for paths that are none', () => {
  const described = new Set(routes.flatMap((route) => problemsOf(route)));

  expect(Object.keys(problems).filter((code) => !described.has(code as ProblemCode))).toEqual(['not_found']);
});

describe.each(named)('%s', (name, route) => {
  const operation = operationAt(route);
  const described = operationOf(name);

  it('has exactly the parameters that its path and its query take, each with an example', () => {
    const parameters = operation.parameters.map(found);
    const namesIn = (place: string) =>
      // biome-ignore lint/suspicious/noExplicitAny: as above
      parameters.filter((each: any) => each.in === place).map((each: any) => each.name);

    expect(namesIn('path')).toEqual([...route.path.matchAll(/\{(\w+)\}/g)].map(([, each]) => each));
    const query: Readonly<Record<string, Parameter>> = described.query;
    const queried = queryNamesOf(name).map((each: string) => query[each]?.name ?? each);
    expect(namesIn('query').toSorted()).toEqual(queried.toSorted());
    for (const parameter of parameters) {
      expect(parameter).toMatchObject({ description: expect.stringMatching(/\.$/), schema: {} });
      expect(parameter.example, parameter.name).toBeDefined();
    }
  });

  it('has an example of each body, and each header of its answers has one', () => {
    for (const [status, response] of Object.entries(operation.responses)) {
      const { headers, content = {} } = found(response);
      for (const header of Object.values(headers)) expect(found(header).example).toBeDefined();
      // biome-ignore lint/suspicious/noExplicitAny: as above
      for (const media of Object.values<any>(content))
        expect(media.example ?? Object.values(media.examples).map(found), status).toBeDefined();
    }
  });

  it('answers its own examples', () => {
    for (const [status, { json, headers = [] }] of Object.entries(described.answers)) {
      const sent = ['x-request-id', ...headers].map((each) => [each.toLowerCase(), 'some'] as const);
      const body = json === undefined ? '' : JSON.stringify(json.example);
      const type = json === undefined ? [] : [['content-type', 'application/json'] as const];

      expect(
        undocumented(route.method, route.path, {
          status: Number(status),
          headers: new Map([...sent, ...type]),
          body,
        }),
      ).toEqual([]);
    }
  });

  it('says for each of its problems which status it has', () => {
    for (const code of problemsOf(route)) {
      const response = found(operation.responses[problems[code].status]);

      expect(response.description).toContain(`(\`${code}\`)`);
      if (route.method === 'HEAD') continue;
      const { schema, examples } = response.content['application/problem+json'];
      expect(schema.allOf[1].properties.code.enum).toContain(code);
      expect(problemSchemaOf(code).safeParse(found(examples[code]).value)).toMatchObject({ success: true });
    }
  });

  it('names who may call it', () => {
    const isPublic = route.anyOf.length === 0;

    expect(operation.security).toEqual(
      isPublic ? [] : (route as Route).peopleOnly ? [{ bearer: [] }] : [{ apiKey: [] }, { bearer: [] }],
    );
    if (!isPublic) expect(operation['x-role']).toBeDefined();
  });
});

it('an operation has a name of its own', () => {
  const ids = routes.map((route) => operationAt(route).operationId);

  expect(new Set(ids).size).toBe(routes.length);
});

describe('an answer that is not described is found', () => {
  const headers = new Map([
    ['content-type', 'application/json'],
    ['x-request-id', 'r'],
  ]);
  const alive = { status: 'alive', dependencies: 'not_checked' };
  const ask = (path: string, status: number, body: object, more: Readonly<Record<string, string>> = {}) =>
    undocumented('GET', path, {
      status,
      headers: new Map([...headers, ...Object.entries(more)]),
      body: JSON.stringify(body),
    });

  it.each([
    ['a status', ask('/health', 201, alive), /201: no such status/],
    ['a member', ask('/health', 200, { ...alive, more: 1 }), /Unrecognized key: "more"/],
    ['a member that is missing', ask('/health', 200, { status: 'alive' }), /dependencies/],
    ['a header', ask('/health', 200, alive, { 'x-secret': '1' }), /the header x-secret/],
    ['a code', ask('/health', 404, { code: 'unknown_key' }), /the code unknown_key/],
    [
      'a member of a problem',
      ask('/v1/usage', 400, { ...problemExample('invalid_parameter'), line: 1 }),
      /"line"/,
    ],
    ['a problem with too little', ask('/v1/usage', 400, { code: 'invalid_parameter' }), /parameter/],
  ])('%s', (_what, faults, fault) => {
    expect(faults.join('\n')).toMatch(fault);
  });

  it('but not one that is', () => {
    expect(ask('/health', 200, alive)).toEqual([]);
    expect(ask('/v1/usage?x=1', 400, problemExample('invalid_parameter'))).toEqual([]);
  });
});

function problemExample(code: ProblemCode): object {
  return document.components.examples[code].value;
}

it('examples of headers are of the type that their schema says', () => {
  for (const { schema, example } of Object.values(responseHeaders))
    expect(typeof example).toBe((schema as { type: string }).type === 'integer' ? 'number' : 'string');
});

it('the file is what a page for people links to', () => {
  expect(readFileSync(resolve('docs/guide/routes.md'), 'utf8')).toContain('/openapi/openapi.json)');
});
