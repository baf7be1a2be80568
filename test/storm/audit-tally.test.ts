import { expect, it } from 'vitest';
import { placeOfRecord } from '../../domain/record/record-id.ts';
import { headerOf } from '../unit/cli/records-fixture.ts';
import { auditTally } from './audit-tally.ts';

const header = headerOf('a');
const tallied = { ...placeOfRecord(header), events: header.events };
const streamed = { records: [{ header }], ownerless: ['77'] };
const whole = { tallied: [tallied, tallied], unreadable: ['77'] };

it('a tally that has what the streams have is right, however often it has it', () => {
  expect(auditTally(whole, streamed)).toEqual([]);
});

it.each([
  ['a record that is missing', { ...whole, tallied: [] }, 'and the tally does not'],
  [
    'one that was never there',
    { ...whole, tallied: [tallied, { ...tallied, record: 'x.0' as const }] },
    'the stream does not',
  ],
  [
    'another number of events',
    { ...whole, tallied: [{ ...tallied, events: 1 }] },
    'with 1 events, and the stream',
  ],
  ['another lane', { ...whole, tallied: [{ ...tallied, lane: { ...tallied.lane, slot: 9 } }] }, '#9'],
  ['a record without a readable header that is missing', { ...whole, unreadable: [] }, '77'],
] as const)('%s is found', (_, tables, words) => {
  expect(auditTally(tables, streamed).join('\n')).toContain(words);
});
