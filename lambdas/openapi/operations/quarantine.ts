import { emptyBody } from '../../manage/bodies.ts';
import { discardedRecord, replayedRecord, unsettledRecord } from '../answers/managing.ts';
import { quarantineList } from '../answers/reading.ts';
import { type Body, json, type Operations } from '../operation.ts';
import { recordInPath } from '../parameters.ts';
import { toJsonSchema } from '../schemas.ts';

const record = 'AZrhzgk4c9bTq0mR2Xwf.0';
const batch_id = 'AZrhzgk4c9bTq0mR2XwfAQEAAAEAAB4Hn4Zk0Qm3Vx8bYd';

const nothing: Body = {
  description: 'Nothing, or an empty object.',
  required: false,
  content: {
    'application/json': { schema: toJsonSchema(emptyBody, {}, { isOpen: false }), example: {} },
  },
};

const settling = {
  tag: 'quarantine',
  path: { record: recordInPath },
  query: {},
  body: nothing,
  problems: [
    'invalid_parameter',
    'invalid_json',
    'unsupported_media_type',
    'not_in_quarantine',
    'record_busy',
    'replay_failed',
  ],
} as const;

const underWay = {
  description: 'It takes longer than 5 seconds, and goes on.',
  json: json(unsettledRecord, { record, outcome: 'under_way' }),
  headers: ['cache-control'],
} as const;

export const quarantineOperations: Operations<
  'GET /v1/quarantine' | 'POST /v1/quarantine/{record}/replay' | 'POST /v1/quarantine/{record}/discard'
> = {
  'GET /v1/quarantine': {
    tag: 'quarantine',
    id: 'listQuarantine',
    summary: 'What is in quarantine',
    description: 'The records of the account and environment that could not be stored yet.',
    path: {},
    query: {},
    answers: {
      200: {
        description: 'The records, newest first.',
        json: json(quarantineList, {
          records: 1,
          events: 2,
          by_reason: [{ reason: 'failed', records: 1, events: 2 }],
          quarantine: [
            {
              record,
              batch_id,
              part: 0,
              reason: 'failed',
              events: 2,
              received_at: '2026-11-30T10:44:00.000Z',
              quarantined_at: '2026-11-30T10:49:00.000Z',
              request_id: '6f1d1c2e-3b1d-4a52-9a52-0f0b7d0c9c11',
              receipt: `/v1/batches/${batch_id}`,
            },
          ],
          complete: true,
        }),
      },
    },
    problems: ['invalid_parameter'],
  },
  'POST /v1/quarantine/{record}/replay': {
    ...settling,
    id: 'replayRecord',
    summary: 'Store a quarantined record',
    description: 'Stores and counts the record now. It counts once, however often it is replayed.',
    answers: {
      200: {
        description: 'The record is stored.',
        json: json(replayedRecord, { record, outcome: 'stored', stored: 2, duplicates: 0, conflicts: 0 }),
        headers: ['cache-control'],
      },
      202: underWay,
    },
  },
  'POST /v1/quarantine/{record}/discard': {
    ...settling,
    id: 'discardRecord',
    summary: 'Give a quarantined record up',
    description: 'Removes the record for good. Its events never count.',
    answers: {
      200: {
        description: 'The record is removed.',
        json: json(discardedRecord, { record, outcome: 'discarded' }),
        headers: ['cache-control'],
      },
      202: underWay,
    },
  },
};
