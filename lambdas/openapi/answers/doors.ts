import * as z from 'zod';
import { acceptedBatch } from './ingest.ts';

export const acceptedCalls = z
  .strictObject({ success: z.literal(true), ...acceptedBatch.shape })
  .meta({ id: 'AcceptedCalls', description: 'As Segment answers, with the receipt.' });

export const acceptedLogs = z
  .strictObject({
    partialSuccess: z.optional(
      z.strictObject({
        rejectedLogRecords: z.string().describe('how many, as OTLP writes a number of 64 bits'),
        errorMessage: z.string().describe('what is wrong with the first of them'),
      }),
    ),
  })
  .meta({
    id: 'AcceptedLogs',
    description: 'An ExportLogsServiceResponse. Empty if all records are accepted.',
  });
