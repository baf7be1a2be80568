import { liveness, openApi } from '../answers/service.ts';
import { json, type Operations } from '../operation.ts';

const health = {
  tag: 'service',
  path: {},
  query: {},
  problems: [],
} as const;

export const serviceOperations: Operations<'GET /v1/openapi.json' | 'GET /health' | 'HEAD /health'> = {
  'GET /v1/openapi.json': {
    tag: 'service',
    id: 'readOpenApi',
    summary: 'This document',
    description: 'The API as an OpenAPI 3.1 document. Generate a client from it, or read it with a tool.',
    path: {},
    query: {},
    headers: ['if-none-match'],
    answers: {
      200: {
        description: 'The document.',
        json: json(openApi, { openapi: '3.1.1', info: { title: 'Weir', version: '1' }, paths: {} }),
        headers: ['etag', 'cache-control'],
      },
      304: { description: 'It is what `if-none-match` names.', headers: ['etag', 'cache-control'] },
    },
    problems: ['invalid_parameter'],
  },
  'GET /health': {
    ...health,
    id: 'readHealth',
    summary: 'Liveness',
    description: 'The gateway and one function answer. No dependency is checked. Parameters are ignored.',
    answers: {
      200: {
        description: 'It lives.',
        json: json(liveness, { status: 'alive', dependencies: 'not_checked' }),
      },
    },
  },
  'HEAD /health': {
    ...health,
    id: 'probeHealth',
    summary: 'Liveness, without a body',
    description: 'As `GET /health`.',
    answers: { 200: { description: 'It lives.' } },
  },
};
