import { expect, it } from 'vitest';
import { KnownLogs } from '../../../../adapters/storing/known-logs.ts';
import { pageSortKey } from '../../../../domain/keys.ts';
import { recordId } from '../../../../domain/record/record-id.ts';
import { KnownLog } from '../../../../domain/storing/known-log.ts';
import { linkOfClaims, noLink } from '../../../../domain/storing/link.ts';
import { pagePointer } from '../../../../domain/storing/pages.ts';

const record = recordId(Buffer.alloc(15).toString('base64url'), 0);

function knownLog(log: string, ids: number): KnownLog {
  const claims = Array.from({ length: ids }, (_, index) => ({
    id: index.toString(16).padStart(8, '0'),
    record,
    page: pagePointer(0, pageSortKey(1, 0, record, 0)),
    digest: new Uint8Array(8),
    untilMs: 1,
  }));
  const known = new KnownLog();
  known.add({ log, position: 0, data: linkOfClaims(noLink, claims), expiresAtMs: 1000 });
  return known;
}

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `log ${from + at}`);
const knownOf = (logs: KnownLogs, some: readonly string[]) =>
  some.filter((name) => logs.of(name).ids > 0).length;

it('those that were kept last are known, up to a number of ids', () => {
  const logs = new KnownLogs(10_000);
  for (const name of names(0, 100)) {
    logs.keep('in use', knownLog('in use', 10));
    logs.keep(name, knownLog(name, 1000));
  }

  expect(knownOf(logs, names(98, 100))).toBe(2);
  expect(knownOf(logs, ['in use'])).toBe(1);
  expect(knownOf(logs, names(0, 100))).toBeLessThanOrEqual(10);
});

it('few logs of one id each are known: a log takes memory, too', () => {
  const logs = new KnownLogs(1000);
  for (const name of names(0, 1000)) logs.keep(name, knownLog(name, 1));

  expect(knownOf(logs, names(999, 1000))).toBe(1);
  expect(knownOf(logs, names(0, 1000))).toBeLessThan(100);
});

it('a log counts once, however often it is kept', () => {
  const logs = new KnownLogs(1000);
  logs.keep('other', knownLog('other', 1));
  for (let times = 0; times < 1000; times += 1) logs.keep('a', knownLog('a', 10));

  expect(knownOf(logs, ['a', 'other'])).toBe(2);
});

it('a log that has more ids than are kept is known until the next ones are kept', () => {
  const logs = new KnownLogs(100);
  logs.keep('a', knownLog('a', 1000));
  expect(knownOf(logs, ['a'])).toBe(1);

  for (const name of names(0, 10)) logs.keep(name, knownLog(name, 10));
  expect(knownOf(logs, ['a'])).toBe(0);
});

it('a log that is forgotten is not known', () => {
  const logs = new KnownLogs(100);
  logs.keep('of late', knownLog('of late', 90));
  logs.keep('latest', knownLog('latest', 1));
  for (const name of ['of late', 'latest']) logs.forget(name);

  expect(knownOf(logs, ['of late', 'latest'])).toBe(0);
});
