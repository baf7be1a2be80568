// CloudEvents over HTTP: one as a document (structured), a list of them (batch), or one in headers (binary).

import { isUtf8 } from 'node:buffer';
import { eventOfCloudEvent } from '../../../domain/doors/cloudevents.ts';
import { maxBatchEvents } from '../../../domain/event/batch.ts';
import { type HttpRequest, ProblemError } from '../../edge/http.ts';
import type { Body } from './body.ts';
import { answerRefusal, type Door, receiptHeaders } from './door.ts';
import { eventsDoor } from './events.ts';
import { parseDocument } from './parse.ts';

export const oneCloudEvent = 'application/cloudevents+json';
export const manyCloudEvents = 'application/cloudevents-batch+json';

const door = {
  mostEvents: maxBatchEvents,
  answer: (request, outcome, headers) =>
    eventsDoor.answer(request, outcome, { ...headers, ...receiptHeaders(outcome) }),
} satisfies Partial<Door>;

/** Structured and batch. */
export const cloudEventsDoor: Door = {
  ...door,
  contentTypes: [oneCloudEvent, manyCloudEvents],
  parse: (body) => {
    const document = parseDocument(body);
    if (body.contentType === oneCloudEvent) return [eventOfCloudEvent(document)];
    if (!Array.isArray(document))
      throw new ProblemError('invalid_json', {
        detail: `A body of type ${manyCloudEvents} is a JSON array.`,
      });
    // One too many is enough to refuse all.
    return document.slice(0, maxBatchEvents + 1).map(eventOfCloudEvent);
  },
};

/** Its client is content with a 204 alone. */
export const openMeterDoor: Door = {
  ...cloudEventsDoor,
  answer: (request, outcome, headers) =>
    'refusal' in outcome.verdict
      ? answerRefusal(request, outcome.verdict, outcome.rejected, headers)
      : {
          statusCode: 204,
          headers: {
            'x-request-id': request.requestContext.requestId,
            ...headers,
            ...receiptHeaders(outcome),
          },
          body: '',
        },
};

const attributePrefix = 'ce-';

/** Attributes are in headers that begin with `ce-`, and the body is the data, whatever it is. */
export const binaryCloudEventDoor: Door = {
  ...door,
  mayBeEmpty: true,
  parse: (body, request) => [eventOfCloudEvent({ ...attributesIn(request), ...dataIn(body) })],
  contentOutsideBody: (request) => JSON.stringify(Object.entries(attributesIn(request)).sort()),
};

export const isBinaryCloudEvent = ({ headers }: Pick<HttpRequest, 'headers'>): boolean =>
  Object.keys(headers ?? {}).some((name) => name.toLowerCase() === `${attributePrefix}specversion`);

const attributesIn = ({ headers }: Pick<HttpRequest, 'headers'>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers ?? {})
      .map(([name, value = '']) => [name.toLowerCase(), value] as const)
      .filter(([name]) => name.startsWith(attributePrefix))
      .map(([name, value]) => [name.slice(attributePrefix.length), decoded(value)]),
  );

/** Header values are percent-encoded. One that is not well encoded stays as it is. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

const usualContentType = 'application/json';
const isJson = (contentType: string): boolean => /^(application|text)\/([\w.-]+\+)?json$/.test(contentType);

function dataIn(body: Body): Readonly<Record<string, unknown>> {
  const { bytes, contentType } = body;
  if (bytes.length === 0) return {};
  const datacontenttype = contentType === '' ? usualContentType : contentType;
  if (isJson(datacontenttype)) return { datacontenttype, data: parseDocument(body) };
  return isUtf8(bytes)
    ? { datacontenttype, data: bytes.toString('utf8') }
    : { datacontenttype, data_base64: bytes.toString('base64') };
}
