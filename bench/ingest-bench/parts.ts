// The parts of the handler's work, to see which takes most.

import { maxBatchEvents, validateBatch } from '../../domain/event/batch.ts';
import { packEvents } from '../../domain/record/packing.ts';
import type { HttpRequest } from '../../lambdas/edge/http.ts';
import { readBody } from '../../lambdas/ingest/doors/body.ts';
import { eventsDoor } from '../../lambdas/ingest/doors/events.ts';
import { parseEvents } from '../../lambdas/ingest/doors/parse.ts';
import type { Work } from './cpu.ts';

export function partsOf(request: HttpRequest, nowMs: number): readonly Work[] {
  const body = readBody(request, eventsDoor);
  const inputs = parseEvents(eventsDoor, body, request);
  const validate = () => validateBatch(inputs, { account: 'acme', receivedAtMs: nowMs });
  const { accepted, rejected } = validate();
  if (rejected.length > 0 || inputs.length > maxBatchEvents)
    throw new Error('The batch of the bench is not valid.');
  return [
    { name: 'base64 to bytes', run: () => readBody(request, eventsDoor) },
    { name: 'UTF-8 and JSON.parse', run: () => parseEvents(eventsDoor, body, request) },
    { name: 'validation', run: validate },
    { name: 'JSON.stringify and zstd 1', run: () => packEvents(accepted, nowMs) },
  ];
}
