import middy from '@middy/core';
import { expect, it, vi } from 'vitest';
import type { HttpAnswer, HttpRequest } from '../../../../lambdas/edge/http.ts';
import { requestKeys } from '../../../../lambdas/edge/request-keys.ts';
import { createTelemetry } from '../../../../lambdas/runtime/telemetry.ts';
import { httpRequest } from '../../../support/requests.ts';

it('every log line names its request and trace, never the trace of an earlier request', async () => {
  const { logger } = createTelemetry('read');
  const written: string[] = [];
  const stdout = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((line) => written.push(String(line)) > 0);
  const handler = middy<HttpRequest, HttpAnswer>()
    .use(requestKeys(logger))
    .handler(async () => {
      logger.info('a line');
      return { statusCode: 204, body: '' };
    });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

  await handler(httpRequest({ headers: { Traceparent: `00-${traceId}-00f067aa0ba902b7-00` } }), {} as never);
  await handler(httpRequest({ headers: {} }), {} as never);

  stdout.mockRestore();
  const seen = written.map((line) => JSON.parse(line));
  expect(seen[0]).toMatchObject({ request_id: 'request-1', trace_id: traceId });
  expect(seen[1]).toMatchObject({ request_id: 'request-1' });
  expect(seen[1]).not.toHaveProperty('trace_id');
});
