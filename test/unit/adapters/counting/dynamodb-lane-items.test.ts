// The stored formats of receipts, runs and lists, as they are written today. What is stored stays readable.

import { expect, it } from 'vitest';
import {
  fromListItem,
  fromReceiptItem,
  fromRunItem,
  toListItem,
  toReceiptItem,
  toRunItem,
} from '../../../../adapters/counting/dynamodb-lane-items.ts';
import type { Receipt } from '../../../../domain/counting/receipt.ts';
import type { Run } from '../../../../domain/counting/runs.ts';
import { lateLane } from '../../../support/lanes.ts';

const receipt: Receipt = {
  lane: lateLane,
  record: 'AZqk3v0gAAECAwQFBgcI.1',
  state: 'counted',
  mode: 'plain',
  delta: new Uint8Array([1, 2]),
  accepted: 5,
  stored: 3,
  duplicates: 1,
  conflicts: 1,
  bytes: 700,
  receivedAtMs: 1_764_449_500_000,
  storedAtMs: 1_764_449_501_000,
  expiresAtMs: 1_767_646_300_000,
};
const run: Run = {
  lane: lateLane,
  start: '1764449500000#~',
  to: '1764449600000#b.0',
  state: 'folded',
  previous: { start: '', expiresAtMs: 1_767_000_000_000 },
  expiresAtMs: 1_768_000_000_000,
  failingSinceMs: 1_764_449_700_000,
  leftOut: ['1764449500001#a.0'],
};
const pk = 'count#acme#production#0#0#late';

it('a receipt', () => {
  const item = {
    pk,
    sk: 'r#1764449500000#AZqk3v0gAAECAwQFBgcI.1',
    state: 'counted',
    mode: 'plain',
    delta: new Uint8Array([1, 2]),
    accepted: 5,
    stored: 3,
    duplicates: 1,
    conflicts: 1,
    bytes: 700,
    counted: 1_764_449_501_000,
    expires: 1_767_646_300_000,
    ttl: 1_767_646_300,
  };

  expect(toReceiptItem(receipt)).toEqual(item);
  expect(fromReceiptItem(lateLane, item)).toEqual(receipt);
});

it('a run, and what folding it adds', () => {
  const announced = {
    pk,
    sk: 'run#1764449500000#~',
    to: '1764449600000#b.0',
    state: 'announced',
    previous: '',
    previousExpires: 1_767_000_000_000,
  };
  const folded = {
    ...announced,
    state: 'folded',
    expires: 1_768_000_000_000,
    failing: 1_764_449_700_000,
    leftOut: new Set(['1764449500001#a.0']),
  };

  expect(toRunItem({ ...run, state: 'announced' })).toEqual(announced);
  expect(fromRunItem(lateLane, folded)).toEqual(run);
});

it('the list of a run', () => {
  const list = { positions: ['1764449500001#a.0'], expiresAtMs: 1_768_000_000_000 };
  const item = {
    pk,
    sk: 'list#1764449500000#~',
    positions: ['1764449500001#a.0'],
    expires: 1_768_000_000_000,
    ttl: 1_768_000_000,
  };

  expect(toListItem(run, list)).toEqual(item);
  expect(fromListItem(item)).toEqual(list);
});
