// Finds the method for a request: literal segments before parameters, parameters before `{proxy+}`, and an
// exact HTTP method before ANY.

import type { MethodDefinition } from './api-definition.ts';

export type Match = {
  readonly method: MethodDefinition;
  readonly pathParameters: Readonly<Record<string, string>> | null;
};

export function createRouteTable(methods: readonly MethodDefinition[]) {
  const routes = methods
    .map((method) => ({ method, segments: segmentsOf(method.resourcePath) }))
    .sort((left, right) => rankOf(left.segments).localeCompare(rankOf(right.segments)));
  return (httpMethod: string, path: string): Match | undefined => {
    const segments = segmentsOf(path);
    for (const accepted of [httpMethod, 'ANY'])
      for (const route of routes) {
        if (route.method.httpMethod !== accepted) continue;
        const parameters = match(route.segments, segments);
        if (parameters === undefined) continue;
        return {
          method: route.method,
          pathParameters: Object.keys(parameters).length === 0 ? null : parameters,
        };
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
      parameters[segment.slice(1, -2)] = path.slice(index).map(decode).join('/');
      return parameters;
    }
    if (isParameter(segment)) parameters[segment.slice(1, -1)] = decode(given);
    else if (decode(given) !== segment) return undefined;
  }
  return route.length === path.length ? parameters : undefined;
}

function rankOf(segments: readonly string[]): string {
  return segments.map((segment) => (isGreedy(segment) ? '2' : isParameter(segment) ? '1' : '0')).join('');
}

const isParameter = (segment: string) => segment.startsWith('{') && segment.endsWith('}');
const isGreedy = (segment: string) => isParameter(segment) && segment.endsWith('+}');

function segmentsOf(path: string): readonly string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/').filter(Boolean);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
