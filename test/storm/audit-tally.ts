// Compares the tally with what was on the streams: each record of events once or more, with its lane and the number of its
// events, each without a readable header by its sequence number, and nothing else.

import { laneKey } from '../../domain/keys.ts';
import { nameOfPlace, placeOfRecord } from '../../domain/record/record-id.ts';
import type { TalliedRecord } from '../../domain/tally/sheet.ts';
import type { Violation } from './audit-runs.ts';
import type { StreamedRecord } from './streamed-record.ts';
import type { Tables } from './tables.ts';

type OnStream = {
  readonly records: readonly Pick<StreamedRecord, 'header'>[];
  readonly ownerless: readonly string[];
};

export function auditTally(
  { tallied, unreadable }: Pick<Tables, 'tallied' | 'unreadable'>,
  { records, ownerless }: OnStream,
): Violation[] {
  const onStream = new Set(
    records.map(({ header }) => textOf({ ...placeOfRecord(header), events: header.events })),
  );
  const inTally = new Set(tallied.map(textOf));
  return [
    ...[...onStream.difference(inTally)].map(
      (record) => `the stream holds ${record}, and the tally does not`,
    ),
    ...[...inTally.difference(onStream)].map(
      (record) => `the tally holds ${record}, and the stream does not`,
    ),
    ...[...new Set(ownerless).difference(new Set(unreadable))].map(
      (sequence) => `the stream holds ${sequence} without a readable header, and the tally does not`,
    ),
  ];
}

const textOf = (record: TalliedRecord): string =>
  `${nameOfPlace(record)} of ${laneKey(record.lane)}, received at ${record.receivedAtMs}, with ${record.events} events`;
