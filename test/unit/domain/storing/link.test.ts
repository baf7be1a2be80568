import { describe, expect, it } from 'vitest';
import { linkLimits } from '../../../../adapters/storing/claim-in-logs.ts';
import { pageSortKey } from '../../../../domain/keys.ts';
import { recordId } from '../../../../domain/record/record-id.ts';
import type { Identity } from '../../../../domain/storing/identity.ts';
import {
  type ClaimInLog,
  checksumOfLink,
  linkOfClaims,
  linkOfRelease,
  noLink,
  previousOf,
  sectionsIn,
  UnknownLink,
} from '../../../../domain/storing/link.ts';
import { pagePointer } from '../../../../domain/storing/pages.ts';

const untilMs = Date.parse('2026-12-30T10:00:00.123Z');
const windowMs = Date.parse('2026-11-30T10:00:00.000Z');
const recordOf = (number: number, part = 0) =>
  recordId(Buffer.from(String(number).padStart(15, '-')).toString('base64url'), part);

function claimOf(number: number, id: string, window = 0, part = 0): ClaimInLog {
  const record = recordOf(number, number);
  return {
    id,
    record,
    page: pagePointer(number, pageSortKey(8, windowMs + window * 8000, record, part)),
    digest: Uint8Array.from({ length: 8 }, (_, index) => index * number),
    untilMs: untilMs + number,
  };
}

type Entry = ['claim', ClaimInLog] | ['release', string, Pick<Identity, 'record' | 'untilMs'>];

function entriesOf(data: Uint8Array): Entry[] {
  return sectionsIn(data).flatMap((section) =>
    Array.from({ length: section.ids }, (_, index): Entry => {
      const id = section.idAt(index);
      const { record, untilMs: until } = section;
      if (section.isRelease) return ['release', id, { record, untilMs: until }];
      const claim = section.claimAt(index);
      return ['claim', { id, ...claim, digest: Uint8Array.from(claim.digest) }];
    }),
  );
}

const idOf = (number: number, digits = 22) => number.toString(16).padStart(digits, '0');

describe('a link', () => {
  it('says of each id who claims it, for which page, with what content and until when', () => {
    const claims = [
      claimOf(1, idOf(1)),
      claimOf(1, idOf(2), 1),
      claimOf(1, idOf(3), 1, 2),
      claimOf(2, idOf(4)),
    ];

    expect(entriesOf(linkOfClaims(noLink, claims))).toEqual(claims.map((claim) => ['claim', claim]));
  });

  it('names the link before it', () => {
    const first = linkOfClaims(noLink, [claimOf(1, idOf(1))]);
    const release = linkOfRelease(checksumOfLink(first), { record: recordOf(1), untilMs, ids: [idOf(1)] });

    expect(previousOf(first)).toBe(noLink);
    expect(previousOf(release)).toBe(checksumOfLink(first));
    expect(checksumOfLink(linkOfClaims(noLink, [claimOf(1, idOf(2))]))).not.toBe(checksumOfLink(first));
  });

  it('says of a release whose ids are free, and from when', () => {
    const release = { record: recordOf(7, 4095), untilMs, ids: [idOf(1, 8), idOf(2, 8)] };

    expect(entriesOf(linkOfRelease(noLink, release))).toEqual(
      release.ids.map((id) => ['release', id, { record: release.record, untilMs }]),
    );
  });

  it('takes 19 bytes for an id of a time, 12 for one of a batch, and 34 for their record and its page', () => {
    const sizeOf = (count: number, digits: number) =>
      linkOfClaims(
        noLink,
        Array.from({ length: count }, (_, index) => claimOf(1, idOf(index, digits))),
      ).length;

    expect(sizeOf(101, 22) - sizeOf(1, 22)).toBe(100 * 19);
    expect(sizeOf(101, 8) - sizeOf(1, 8)).toBe(100 * 12);
    expect(sizeOf(1, 22)).toBe(6 + 34 + 19);
  });

  it('holds records whose events are on more pages than a byte can name', () => {
    const claims = Array.from({ length: 500 }, (_, index) => claimOf(1, idOf(index), index));

    expect(entriesOf(linkOfClaims(noLink, claims))).toEqual(claims.map((claim) => ['claim', claim]));
  });

  it('of as many ids as a call puts into it fits into an item, also if each is of another record', () => {
    const claims = Array.from({ length: linkLimits.ids }, (_, index) => ({
      ...claimOf(1, idOf(index)),
      record: recordOf(index),
    }));

    expect(linkOfClaims(noLink, claims).length).toBeLessThan(400 * 1024 - 1024);
  });

  it('reads back whole from the middle of a buffer, as an answer of the table has it', () => {
    const data = linkOfClaims(noLink, [claimOf(3, idOf(9))]);
    const buffer = Buffer.concat([Buffer.alloc(5), data, Buffer.alloc(5)]);

    expect(entriesOf(buffer.subarray(5, 5 + data.length))).toEqual([['claim', claimOf(3, idOf(9))]]);
  });

  it('of a later release is not guessed at', () => {
    const data = Uint8Array.from(linkOfClaims(noLink, [claimOf(3, idOf(9))]));
    data[0] = 1;

    expect(() => entriesOf(data)).toThrow(UnknownLink);
    expect(() => previousOf(data)).toThrow(UnknownLink);
  });
});
