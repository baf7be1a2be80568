// Finds the method for a request: that of the most specific resource that has the HTTP method or ANY. Literal segments
// come before parameters, parameters before `{proxy+}`, and on one resource the exact method before ANY. The parameters of a
// path stay as they were sent: of a REST API, only those of a query are decoded.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html

import type { MethodDefinition } from './api-definition.ts';

export type Match = {
  readonly method: MethodDefinition;
  readonly pathParameters: Readonly<Record<string, string>> | null;
};

type Route = { readonly method: MethodDefinition; readonly segments: readonly string[] };

export function createRouteTable(methods: readonly MethodDefinition[]) {
  const routes = methods
    .map((method) => ({ method, segments: segmentsOf(method.resourcePath) }))
    .sort((left, right) => rankOf(left).localeCompare(rankOf(right)));
  return (httpMethod: string, path: string): Match | undefined => {
    const segments = segmentsOf(path);
    for (const { method, segments: wanted } of routes) {
      if (method.httpMethod !== httpMethod && method.httpMethod !== 'ANY') continue;
      const parameters = match(wanted, segments);
      if (parameters === undefined) continue;
      return { method, pathParameters: Object.keys(parameters).length === 0 ? null : parameters };
    }
    return undefined;
  };
}

function match(route: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of route.entries()) {
    const given = path[index];
    if (given === undefined) return undefined;
    if (isGreedy(segment)) {
      parameters[segment.slice(1, -2)] = path.slice(index).join('/');
      return parameters;
    }
    if (isParameter(segment)) parameters[segment.slice(1, -1)] = given;
    else if (decode(given) !== segment) return undefined;
  }
  return route.length === path.length ? parameters : undefined;
}

/** Where two routes match a path, the one whose rank sorts first is meant. */
function rankOf({ method, segments }: Route): string {
  const ranks = segments.map((segment) => (isGreedy(segment) ? '2' : isParameter(segment) ? '1' : '0'));
  return [...ranks, method.httpMethod === 'ANY' ? '1' : '0'].join('');
}

const isParameter = (segment: string) => segment.startsWith('{') && segment.endsWith('}');
const isGreedy = (segment: string) => isParameter(segment) && segment.endsWith('+}');

/** Slashes at the end, and several in a row, count as nothing. */
function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter(Boolean);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
