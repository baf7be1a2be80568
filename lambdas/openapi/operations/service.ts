import { health as healthAnswer, liveness, openApi } from '../answers/service.ts';
import { json, type Operations } from '../operation.ts';

const health = {
  tag: 'service',
  path: {},
  query: {},
  problems: [],
} as const;

export const serviceOperations: Operations<
  'GET /v1/health' | 'GET /v1/openapi.json' | 'GET /health' | 'HEAD /health'
> = {
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
  'GET /v1/health': {
    tag: 'service',
    id: 'readDeepHealth',
    summary: 'Whether each dependency answers',
    description:
      'Tables and streams, each with how long it took, how far the consumer is behind, and how old the last report is. ' +
      'It answers 200 whatever it finds, and is made at most every 5 seconds.',
    path: {},
    query: {},
    answers: {
      200: {
        description: 'What was found.',
        json: json(healthAnswer, {
          status: 'slow',
          as_of: '2026-11-30T10:44:00.000Z',
          dependencies: [
            { name: 'table ledger', status: 'ok', ms: 6 },
            { name: 'stream standard', status: 'slow', ms: 310 },
          ],
          consumer_lag_ms: 400,
          report_age_ms: 312_000,
        }),
        headers: ['cache-control'],
      },
    },
    problems: ['invalid_parameter'],
  },
  'GET /health': {
    ...health,
    id: 'readHealth',
    summary: 'Liveness',
    description:
      'The gateway and one function answer. No dependency is checked. Parameters are ignored, except `deep=1`, which leads to `GET /v1/health`.',
    answers: {
      200: {
        description: 'It lives.',
        json: json(liveness, { status: 'alive', dependencies: 'not_checked' }),
      },
      307: { description: 'With `deep=1`: ask there, with a key.', headers: ['location'] },
    },
  },
  'HEAD /health': {
    ...health,
    id: 'probeHealth',
    summary: 'Liveness, without a body',
    description: 'As `GET /health`.',
    answers: {
      200: { description: 'It lives.' },
      307: { description: 'With `deep=1`: ask there, with a key.', headers: ['location'] },
    },
  },
};
