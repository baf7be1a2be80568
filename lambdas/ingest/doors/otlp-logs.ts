// Logs of OpenTelemetry: OTLP over HTTP, as JSON.

import { digestOfText } from '../../../domain/doors/event-id.ts';
import { eventsOfLogs } from '../../../domain/doors/otlp-logs.ts';
import { answerJson, ProblemError } from '../../edge/http.ts';
import { answerRefusal, type Door, receiptHeaders } from './door.ts';
import { parseDocument } from './parse.ts';

/** The exporter's own batches have 512. */
export const maxLogRecords = 1000;

export const otlpLogsDoor: Door = {
  contentTypes: ['application/json'],
  contentTypeDetail:
    'Logs are taken as JSON. Switch the exporter from protobuf: set OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/json, or use the HTTP/JSON exporter of your language.',
  mostEvents: maxLogRecords,
  tellsNoIds: true,
  parse: (body) => {
    const logs = eventsOfLogs(parseDocument(body), maxLogRecords);
    if ('events' in logs) return logs.events;
    throw logs.fault === 'no logs'
      ? new ProblemError('invalid_json', {
          detail: 'The body is no ExportLogsServiceRequest of OTLP: it has no list "resourceLogs".',
        })
      : new ProblemError('batch_too_large', {
          detail: `A request holds at most ${maxLogRecords} log records and 512 KiB, and 2 MiB once each record has the attributes of its resource. Set the exporter's batch size lower.`,
        });
  },
  // Its records have no ids, and the exporter repeats the same bytes.
  idempotencyKey: ({ bytes }) => `otlp-${digestOfText(bytes.toString('latin1'))}`,
  answer: (request, outcome, headers) => {
    const { verdict, rejected } = outcome;
    // OTLP wants a success for a request without records.
    if ('refusal' in verdict && rejected.length > 0)
      return answerRefusal(request, verdict, rejected, headers);
    const [first] = rejected;
    const partialSuccess = first && {
      rejectedLogRecords: String(rejected.length),
      errorMessage: `Record ${first.index}: ${first.message}`,
    };
    return answerJson(request, 200, partialSuccess ? { partialSuccess } : {}, {
      ...headers,
      ...receiptHeaders(outcome),
    });
  },
};
