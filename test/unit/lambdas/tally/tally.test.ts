import { beforeEach, expect, it } from 'vitest';
import { MemoryTallySheets } from '../../../../adapters/tally/memory-tally-sheets.ts';
import { streamKey } from '../../../../domain/keys.ts';
import {
  encodeEnvelope,
  encodeRejections,
  readHeader,
  rejectionsPart,
} from '../../../../domain/record/envelope.ts';
import type { OutgoingRecord } from '../../../../domain/record/port.ts';
import { placeOfRecord } from '../../../../domain/record/record-id.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { quarterOf } from '../../../../domain/tally/sheet.ts';
import { createTally } from '../../../../lambdas/tally/tally.ts';
import { events, nowMs } from '../../../support/events.ts';
import { kinesisEvent } from '../../../support/kinesis.ts';
import { ofLaterVersion } from '../../../support/later-version.ts';
import { batchOf } from '../../cli/records-fixture.ts';
import { recordOf, tenant } from '../consume/fixture.ts';
import { damaged } from '../settle/fixture.ts';

let sheets: MemoryTallySheets;
beforeEach(() => {
  sheets = new MemoryTallySheets();
});
const tally = (records: readonly OutgoingRecord[], firstSequence?: number) =>
  createTally({ sheets })(kinesisEvent(records, firstSequence));
const found = async () =>
  (await Array.fromAsync(sheets.ofQuarter(quarterOf(nowMs)))).flatMap(({ tallied }) => tallied);

it('writes down each record of events, with its lane and the number of its events', async () => {
  const records = [
    recordOf(batchOf('a', nowMs), events(3)),
    recordOf(batchOf('b', nowMs), events(2), nowMs, { slot: 7, late: true }),
  ];

  await tally(records);

  expect(await found()).toEqual(
    records.map(({ data }) => ({ ...placeOfRecord(readHeader(data)), events: readHeader(data).events })),
  );
  expect(await Array.fromAsync(sheets.open())).toMatchObject([{ records: 2, events: 5 }]);
});

it('reads headers alone: a damaged body, and a record of a later release, are tallied like any other', async () => {
  const later = recordOf(batchOf('later', nowMs), events(4));
  const partitionKey = streamKey(tenant, 0, false);

  await tally([
    { partitionKey, data: damaged() },
    { partitionKey, data: ofLaterVersion(later.data) },
  ]);

  expect(await found()).toMatchObject([{ record: 'b.0', events: 5 }, { events: 4 }]);
});

it('leaves rejections out, which have no outcome', async () => {
  const header = readHeader(recordOf(batchOf('r', nowMs), events(1)).data);
  const rejections = { keyId: 'k', client: 'c', groups: [] };
  const data = encodeEnvelope(
    { ...header, kind: 'rejections', part: rejectionsPart },
    encodeRejections(rejections as never),
  );

  await tally([{ partitionKey: streamKey(tenant, 0, false), data }]);

  expect(await found()).toEqual([]);
});

it('names what has no readable header by its sequence number', async () => {
  await tally([{ partitionKey: 'noise', data: Buffer.from('noise') }], 77);

  expect(await Array.fromAsync(sheets.ofQuarter(quarterOf(nowMs)))).toMatchObject([
    { records: 0, unreadable: ['77'] },
  ]);
});

it('changes nothing when a batch is delivered again, and loses nothing when it is cut otherwise', async () => {
  const records = ['a', 'b', 'c', 'd'].map((name) => recordOf(batchOf(name, nowMs), events(1)));
  await tally(records);
  const before = new Map(sheets.sheets);

  await tally(records);
  expect(sheets.sheets).toEqual(before);

  await tally(records.slice(0, 2));
  await tally(records.slice(2), 3);
  const names = (await found()).map(({ record }) => record);
  expect(names).toHaveLength(8);
  expect(new Set(names).size).toBe(4);
});

it('fails if a sheet is not stored, so that the batch comes again', async () => {
  const failing = createTally({ sheets: { put: () => Promise.reject(new Unavailable('no ledger')) } });

  await expect(failing(kinesisEvent([recordOf(batchOf('a', nowMs), events(1))]))).rejects.toThrow(
    'no ledger',
  );
});
