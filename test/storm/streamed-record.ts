// A record on the stream, as far as it can be decoded.

import type { AcceptedEvent } from '../../domain/event/event.ts';
import {
  decodeEnvelope,
  decodeRejections,
  type EnvelopeHeader,
  UnreadableEnvelope,
} from '../../domain/record/envelope.ts';
import type { RequestRejections } from '../../domain/rejections/request-rejections.ts';

/** One for each record id, however often the stream holds it. */
export type StreamedRecord = {
  readonly header: EnvelopeHeader;
  readonly bytes: number;
  /** Absent if the body cannot be decoded. */
  readonly events?: readonly AcceptedEvent[];
};

/** What was rejected of one request. */
export type StreamedRejections = { readonly header: EnvelopeHeader; readonly rejections: RequestRejections };

export const openStreamedRejections = (data: Uint8Array, header: EnvelopeHeader): StreamedRejections => ({
  header,
  rejections: decodeRejections(data),
});

export function openStreamed(data: Uint8Array): StreamedRecord | undefined {
  try {
    return { ...decodeEnvelope(data), bytes: data.length };
  } catch (error) {
    if (!(error instanceof UnreadableEnvelope)) throw error;
    return error.header && { header: error.header, bytes: data.length };
  }
}
