import { describe, expect, it } from 'vitest';
import { createRouteTable } from '../../../src/services/api-gateway/route-table.ts';

/** What a request finds, such as `GET /items`, and the parameters in its path. */
function find(routes: readonly string[], request: string) {
  const methods = routes.map((route) => {
    const [httpMethod = '', resourcePath = ''] = route.split(' ');
    return {
      httpMethod,
      resourcePath,
      resourceId: '',
      authorizer: undefined,
      apiKeyRequired: false,
      functionArn: '',
      timeoutMs: 1,
    };
  });
  const [httpMethod = '', path = ''] = request.split(' ');
  const match = createRouteTable(methods)(httpMethod, path);
  return match && [`${match.method.httpMethod} ${match.method.resourcePath}`, match.pathParameters];
}

/** In every order in which a template may have them. */
const orders = (routes: readonly string[]) => [routes, routes.toReversed()];

describe('of several routes that fit', () => {
  it.each<[routes: readonly string[], request: string, found: string]>([
    [['GET /items/{id}', 'ANY /items/latest'], 'GET /items/latest', 'ANY /items/latest'],
    [['GET /items/{id}', 'POST /items/latest'], 'GET /items/latest', 'GET /items/{id}'],
    [['GET /items/{id}', 'ANY /items/{id}'], 'GET /items/1', 'GET /items/{id}'],
    [['GET /items/{id}', 'ANY /items/{id}'], 'PUT /items/1', 'ANY /items/{id}'],
    [['GET /{proxy+}', 'ANY /items/{id}'], 'GET /items/1', 'ANY /items/{id}'],
    [['GET /{proxy+}', 'ANY /items/{id}'], 'GET /items/1/parts', 'GET /{proxy+}'],
    [['GET /{proxy+}', 'ANY /items'], 'GET /items', 'ANY /items'],
    [['ANY /{proxy+}', 'ANY /items/{proxy+}'], 'GET /items/1/parts', 'ANY /items/{proxy+}'],
    [['ANY /{proxy+}', 'ANY /items/{proxy+}'], 'GET /items', 'ANY /{proxy+}'],
    [['ANY /items/{proxy+}', 'GET /items/{id}'], 'GET /items/1', 'GET /items/{id}'],
    [['GET /items/{proxy+}', 'ANY /items/{id}'], 'GET /items/1', 'ANY /items/{id}'],
    [['ANY /{kind}/latest', 'ANY /items/{id}'], 'GET /items/latest', 'ANY /items/{id}'],
  ])('%j, %s finds %s', (routes, request, found) => {
    for (const inOrder of orders(routes)) expect(find(inOrder, request)?.[0]).toBe(found);
  });
});

describe('a path', () => {
  it.each<[route: string, path: string, parameters: object | null]>([
    ['/', '/', null],
    ['/items', '/items/', null],
    ['/items', '//items', null],
    ['/items/{id}', '/items//1', { id: '1' }],
    ['/items/{id}', '/items/a%20b%2Fc', { id: 'a%20b%2Fc' }],
    ['/items/{id}', '/items/%zz', { id: '%zz' }],
    ['/items/{id}/parts/{part}', '/items/1/parts/2', { id: '1', part: '2' }],
    ['/items:debug', '/items%3Adebug', null],
    ['/{proxy+}', '/a', { proxy: 'a' }],
    ['/{proxy+}', '/a/b%20c/d', { proxy: 'a/b%20c/d' }],
    ['/files/{path+}', '/files/a/b/', { path: 'a/b' }],
    ['/{kind}/{path+}', '/files/a/b', { kind: 'files', path: 'a/b' }],
  ])('%s is that of %s', (route, path, parameters) => {
    expect(find([`GET ${route}`], `GET ${path}`)).toEqual([`GET ${route}`, parameters]);
  });

  it.each([
    ['/items', '/'],
    ['/items', '/items/1'],
    ['/items', '/Items'],
    ['/items', '/item%zz'],
    ['/items/{id}', '/items'],
    ['/items/{id}', '/items/'],
    ['/items/{id}', '/items/1/2'],
    ['/{proxy+}', '/'],
    ['/files/{path+}', '/files'],
  ])('%s is not that of %s', (route, path) => {
    expect(find([`GET ${route}`], `GET ${path}`)).toBeUndefined();
  });

  it('without the method of the request is unknown', () => {
    expect(find(['GET /items'], 'POST /items')).toBeUndefined();
  });
});
