import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type LinkLimits, linkLimits } from '../../../../adapters/storing/claim-in-logs.ts';
import { divideIdentities } from '../../../../adapters/storing/divided-identities.ts';
import { KnownLogs } from '../../../../adapters/storing/known-logs.ts';
import { MemoryClaimLogs } from '../../../../adapters/storing/memory-claim-logs.ts';
import { MemoryIdentities } from '../../../../adapters/storing/memory-identities.ts';
import { identityKey, pageSortKey } from '../../../../domain/keys.ts';
import { recordId } from '../../../../domain/record/record-id.ts';
import { placeInLog } from '../../../../domain/storing/claim-log.ts';
import type { IdentityClaim } from '../../../../domain/storing/identity.ts';
import type { Link } from '../../../../domain/storing/known-log.ts';
import { pagePointer } from '../../../../domain/storing/pages.ts';
import type { LogRange } from '../../../../domain/storing/port.ts';
import { dayMs, hourMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { TestClock } from '../../../support/clock.ts';

const tenant = { account: 'acme', environment: 'production', generation: 0 };
const retentionMs = 30 * dayMs;
const guardMs = 7 * dayMs;

class CountedLogs extends MemoryClaimLogs {
  calls: string[] = [];
  /** How the next appends fail. */
  readonly failing: ('undecided' | 'answer lost')[] = [];

  override async read(ranges: readonly LogRange[]): Promise<Link[][]> {
    this.calls.push(`read ${ranges.map(({ after }) => after + 1).join()}`);
    return super.read(ranges);
  }

  override async readNext(ranges: readonly LogRange[]): Promise<(Link | undefined)[]> {
    this.calls.push(`read next ${ranges.map(({ after }) => after + 1).join()}`);
    return super.readNext(ranges);
  }

  override async append(links: readonly Link[]): Promise<('appended' | 'taken')[]> {
    this.calls.push(`append ${links.map(({ position }) => position).join()}`);
    const fails = this.failing.shift();
    if (fails === 'undecided') return links.map(() => 'undecided' as 'taken');
    const results = await super.append(links);
    return fails ? links.map(() => 'undecided' as 'taken') : results;
  }

  override async prolong(link: Link, expiresAtMs: number): Promise<boolean> {
    this.calls.push(`prolong ${link.position}`);
    return super.prolong(link, expiresAtMs);
  }

  override async replace(link: Link, data: Uint8Array): Promise<boolean> {
    this.calls.push(`replace ${link.position}`);
    return super.replace(link, data);
  }

  /** Since the last time it was asked. */
  takeCalls(): string[] {
    return this.calls.splice(0);
  }
}

class Gate {
  open = () => {};
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

let clock: TestClock;
let logs: CountedLogs;
let singly: MemoryIdentities;
let pauses: number;
beforeEach(() => {
  clock = new TestClock();
  logs = new CountedLogs();
  singly = new MemoryIdentities();
  pauses = 0;
});

const instance = (limits: Partial<LinkLimits> = {}, known = new KnownLogs()) =>
  divideIdentities({
    singly,
    logs,
    known,
    limits: { ...linkLimits, ...limits },
    clock,
    pause: async () => {
      pauses += 1;
    },
  });

const scoped = (number: number, prefix = 'A') => `${prefix.repeat(22)}~${number}`;
const keyOf = (id: string) => identityKey(tenant, id);
const recordOf = (name: string) => recordId(Buffer.from(name.padEnd(15, '-')).toString('base64url'), 0);

function claim(id: string, by: string, receivedAtMs = clock.nowMs): IdentityClaim {
  const record = recordOf(by);
  return {
    key: keyOf(id),
    record,
    page: pagePointer(0, pageSortKey(1, 1_790_000_000_000, record, 0)),
    digest: new Uint8Array(8),
    receivedAtMs,
    untilMs: receivedAtMs + retentionMs,
    expiresAtMs: receivedAtMs + retentionMs + guardMs,
  };
}
const claims = (ids: readonly string[], by: string) => ids.map((id) => claim(id, by));
const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => scoped(from + at));
const outcomesOf = (results: readonly { readonly outcome: string }[]) => [
  ...new Set(results.map(({ outcome }) => outcome)),
];
const linksOf = (id: string) => logs.links.get(placeInLog(keyOf(id))?.log ?? '') ?? new Map<number, Link>();

describe('the calls of claims in logs', () => {
  it('are one append for any number of records and logs that are new', async () => {
    const wanted = [scoped(1), scoped(2), scoped(1, 'B'), '0197e5a2-6f0b-7c1d-9b3e-5a7f00c4d21e'];

    const results = await instance().claim([...claims(wanted, 'one'), ...claims([scoped(3)], 'two')]);

    expect(outcomesOf(results)).toEqual(['claimed']);
    expect(logs.takeCalls()).toEqual(['append 0,0,0']);
    expect(singly.held.size).toBe(0);
  });

  it('are one append while nobody else appends', async () => {
    const identities = instance();
    await identities.claim(claims(ids(0, 5), 'one'));
    logs.takeCalls();

    await identities.claim(claims(ids(5, 10), 'two'));
    await identities.claim(claims(ids(10, 15), 'three'));

    expect(logs.takeCalls()).toEqual(['append 1', 'append 2']);
  });

  it('read on after a link was lost, and then before each link: others append, too', async () => {
    const [one, other] = [instance(), instance()];
    await one.claim(claims(ids(0, 5), 'one'));
    await other.claim(claims(ids(5, 10), 'two'));
    logs.takeCalls();

    const results = await one.claim(claims(ids(4, 8), 'three'));
    await one.claim(claims(ids(20, 21), 'four'));

    expect(results.map(({ outcome }) => outcome)).toEqual(['held', 'held', 'held', 'held']);
    expect(logs.takeCalls()).toEqual(['append 1', 'read 1', 'read 2', 'append 2']);
  });

  it('read a new log whose window follows one that others append to, too', async () => {
    const inWindow = (window: number, last: string) =>
      `0197e5a2-${2 * window}f0b-7c1d-9b3e-5a7f00c4d21${last}`;
    const [one, other] = [instance(), instance()];
    await one.claim([claim(inWindow(2, '1'), 'one')]);
    await other.claim([claim(inWindow(2, '2'), 'two')]);
    await one.claim([claim(inWindow(3, '1'), 'three')]);
    logs.takeCalls();

    const results = await other.claim([claim(inWindow(3, '2'), 'four')]);

    expect(results).toEqual([{ outcome: 'claimed' }]);
    expect(logs.takeCalls()).toEqual(['read 0', 'append 1']);
  });

  it('tell how much is known of a log each time that it grows', async () => {
    const known = new KnownLogs();
    const kept: number[] = [];
    const keep = known.keep.bind(known);
    known.keep = (log, one) => {
      kept.push(one.ids);
      keep(log, one);
    };
    const identities = instance({}, known);

    await identities.claim(claims(ids(0, 5), 'one'));
    await identities.claim(claims(ids(5, 10), 'two'));

    expect(kept).toEqual([5, 10]);
  });

  it('are none if an earlier try of the record has claimed all', async () => {
    const identities = instance();
    await identities.claim(claims(ids(0, 5), 'one'));
    logs.takeCalls();

    const results = await identities.claim(claims(ids(0, 5), 'one'));

    expect(outcomesOf(results)).toEqual(['held']);
    expect(logs.takeCalls()).toEqual([]);
  });

  const prefixes = (count: number) =>
    Array.from({ length: count }, (_, at) => scoped(1, String.fromCharCode(65 + at)));
  const inThose = (some: readonly string[], number: number) =>
    some.map((id) => id.replace(/~.*/, `~${number}`));
  const counted = () =>
    logs.takeCalls().map((call) => `${call.replace(/ [0-9,]*$/, '')} ${call.split(',').length}`);

  it('read 16 logs at once, windows that follow each other together', async () => {
    const uuids = [...'eca86420'].map((digit) => `0197e5a2-${digit}f0b-7c1d-9b3e-5a7f00c4d21e`);
    const identities = [instance(), instance()] as const;
    const wanted = [...prefixes(8), ...uuids];
    for (const each of identities) await each.claim(claims(wanted, 'one'));
    const read = vi.spyOn(logs, 'read');

    await identities[1].claim(claims([...inThose(prefixes(8), 2), ...uuids], 'two'));

    const names = read.mock.calls.map(([ranges]) => ranges.map(({ log }) => log));
    expect(names.map(({ length }) => length)).toEqual([16]);
    expect(names.flat().slice(0, 8)).toEqual(
      Array.from({ length: 8 }, (_, window) => `acme#production#0#0197e5a2#${window}`),
    );
  });

  it('ask for the next links of many logs together, and query only those that have several', async () => {
    const wanted = prefixes(20);
    await instance().claim(claims(wanted, 'one'));
    const other = instance();
    await other.claim(claims(inThose(wanted.slice(0, 1), 2), 'two'));
    await other.claim(claims(inThose(wanted.slice(0, 1), 3), 'three'));
    logs.takeCalls();

    const results = await instance().claim(claims(inThose(wanted, 4), 'four'));

    expect(outcomesOf(results)).toEqual(['claimed']);
    expect(counted()).toEqual(['append 20', 'read next 20', 'read next 20', 'read 1', 'append 20']);
  });

  it('take two for each hundred ids that are sent again, each alone in its log', async () => {
    const wanted = prefixes(26);
    const identities = instance();
    await identities.claim(claims(wanted, 'one'));
    logs.takeCalls();

    const results = await identities.claim(claims(wanted, 'two'));

    expect(outcomesOf(results)).toEqual(['held']);
    expect(counted()).toEqual(['read next 26']);
  });

  it('read no more logs once they know as many ids as a full log has, before those are decided', async () => {
    const limits = { links: 4, ids: 2 };
    const wanted = prefixes(20);
    const other = instance(limits);
    for (const number of [1, 2, 3]) await other.claim(claims(inThose(wanted, number), `by ${number}`));
    logs.takeCalls();

    const results = await instance(limits).claim(claims(inThose(wanted, 4), 'four'));

    expect(outcomesOf(results)).toEqual(['claimed']);
    expect(counted()).toEqual([
      'append 20',
      'read next 20',
      'read next 20',
      'read 16',
      'append 16',
      'read 4',
      'append 4',
    ]);
  });

  it('keep the links of many logs together, 16 at once, and then append to all', async () => {
    const wanted = prefixes(24);
    const identities = instance();
    await identities.claim(claims(inThose(wanted, 1), 'one'));
    await identities.claim(claims(inThose(wanted, 2), 'two'));
    clock.nowMs += 2 * dayMs;
    logs.takeCalls();
    const prolong = logs.prolong.bind(logs);
    let underWay = 0;
    let most = 0;
    logs.prolong = async (link, expiresAtMs) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await setImmediate();
      underWay -= 1;
      return prolong(link, expiresAtMs);
    };

    const results = await identities.claim(claims(inThose(wanted, 3), 'three'));

    expect(outcomesOf(results)).toEqual(['claimed']);
    expect(most).toBe(16);
    const calls = counted();
    expect(calls.slice(0, -1)).toEqual(Array(48).fill('prolong 1'));
    expect(calls.at(-1)).toBe('append 24');
  });

  it('of one log that begins again do not hold up the others', async () => {
    const wanted = prefixes(3);
    const identities = instance();
    await identities.claim(claims(wanted, 'one'));
    clock.nowMs += 2 * dayMs;
    linksOf(wanted[1] ?? '').delete(0);
    logs.takeCalls();

    const results = await identities.claim(claims(inThose(wanted, 2), 'two'));

    expect(outcomesOf(results)).toEqual(['claimed']);
    expect(logs.takeCalls()).toEqual([
      'prolong 0',
      'prolong 0',
      'prolong 0',
      'append 1,1',
      'read 0',
      'append 0',
    ]);
  });

  it('make several links of more ids than one takes, and wait for each to land', async () => {
    const results = await instance({ ids: 4 }).claim(claims(ids(0, 10), 'one'));

    expect(outcomesOf(results)).toEqual(['claimed']);
    expect(logs.takeCalls()).toEqual(['append 0', 'append 1', 'append 2']);
  });
});

describe('a claim in a log', () => {
  it('is told to be held only after the log was read to its end: it may have been released', async () => {
    const [one, other] = [instance(), instance()];
    await one.claim([claim(scoped(1), 'one')]);
    await other.release([claim(scoped(1), 'one')], clock.nowMs);
    clock.nowMs += 1;
    logs.takeCalls();

    expect(await one.claim([claim(scoped(1), 'two')])).toEqual([{ outcome: 'claimed' }]);
    expect(logs.takeCalls()).toEqual(['read 1', 'append 2']);
  });

  it.each(['undecided', 'answer lost'] as const)('is claimed if the answer is %s', async (failure) => {
    logs.failing.push(failure, failure);

    const [result] = await instance().claim([claim(scoped(1), 'one')]);

    expect(result?.outcome).toBe(failure === 'undecided' ? 'claimed' : 'held');
    expect(linksOf(scoped(1)).size).toBe(1);
  });

  it('is undecided if no try succeeds, after pauses, and another one is not', async () => {
    logs.failing.push(...Array(100).fill('undecided'));

    const results = await instance().claim([claim(scoped(1), 'one'), claim('random', 'one')]);

    expect(results).toEqual([{ outcome: 'undecided' }, { outcome: 'claimed' }]);
    expect(pauses).toBeGreaterThan(5);
    expect(logs.takeCalls().length).toBeLessThan(40);
  });

  it('is kept for a week at least, however late its record is tried', async () => {
    await instance().claim([claim(scoped(1), 'one', clock.nowMs - 60 * dayMs)]);

    expect(linksOf(scoped(1)).get(0)?.expiresAtMs).toBeGreaterThanOrEqual(clock.nowMs + guardMs);
  });

  it('keeps all links before it for as long as itself', async () => {
    const identities = instance();
    await identities.claim([claim(scoped(1), 'one')]);
    await identities.claim([claim(scoped(2), 'two')]);
    clock.nowMs += 2 * dayMs;
    const later = claim(scoped(3), 'three');
    logs.takeCalls();

    expect(await identities.claim([later])).toEqual([{ outcome: 'claimed' }]);
    expect(logs.takeCalls()).toEqual(['prolong 0', 'prolong 1', 'append 2']);
    for (const link of linksOf(scoped(1)).values())
      expect(link.expiresAtMs).toBeGreaterThanOrEqual(later.expiresAtMs);
  });

  it('need not keep those of the same day for longer', async () => {
    const identities = instance();
    await identities.claim([claim(scoped(1), 'one')]);
    clock.nowMs += dayMs;
    logs.takeCalls();

    await identities.claim([claim(scoped(2), 'two')]);

    expect(logs.takeCalls()).toEqual(['append 1']);
  });

  /** Of a log of two links, all expired, the table has removed the first. */
  const leaveLinkOver = async () => {
    const one = instance();
    await one.claim([claim(scoped(1), 'one')]);
    await one.claim([claim(scoped(2), 'one')]);
    clock.nowMs += retentionMs + guardMs + 2 * dayMs;
    linksOf(scoped(1)).delete(0);
  };

  it('takes the place of a link of an earlier log, which says nothing of its ids any more', async () => {
    await leaveLinkOver();
    const other = instance();
    await other.claim([claim(scoped(3), 'two')]);
    logs.takeCalls();

    const early = { ...claim(scoped(2), 'three'), receivedAtMs: 0 };
    expect(await other.claim([early])).toEqual([{ outcome: 'claimed' }]);
    expect(logs.takeCalls()).toEqual(['append 1', 'read 1', 'replace 1']);
    expect(await instance().claim([claim(scoped(2), 'four')])).toMatchObject([
      { outcome: 'held', by: { record: recordOf('three') } },
    ]);
  });

  it('does not take the place of a link that another has put there meanwhile', async () => {
    await leaveLinkOver();
    const [other, third] = [instance(), instance()];
    await other.claim([claim(scoped(3), 'two')]);
    await third.claim([claim(scoped(3), 'three')]);
    const replace = logs.replace.bind(logs);
    logs.replace = async (link, data) => {
      logs.replace = replace;
      await third.claim([claim(scoped(2), 'four')]);
      return replace(link, data);
    };

    expect(await other.claim([claim(scoped(2), 'five')])).toMatchObject([
      { outcome: 'held', by: { record: recordOf('four') } },
    ]);
  });

  it('ends a log before a link that is missing', async () => {
    const one = instance();
    for (const number of [1, 2, 3]) await one.claim([claim(scoped(number), 'one')]);
    linksOf(scoped(1)).delete(1);

    const other = instance();
    expect(await other.claim(claims([scoped(1), scoped(3)], 'two'))).toMatchObject([
      { outcome: 'held' },
      { outcome: 'claimed' },
    ]);
    expect(await instance().claim([claim(scoped(3), 'three')])).toMatchObject([
      { outcome: 'held', by: { record: recordOf('two') } },
    ]);
  });

  it('begins the log again if its first link is gone', async () => {
    const identities = instance();
    await identities.claim([claim(scoped(1), 'one', clock.nowMs - 60 * dayMs)]);
    const log = placeInLog(keyOf(scoped(1)))?.log ?? '';
    logs.prolong = async () => {
      logs.links.delete(log);
      return false;
    };
    clock.nowMs += guardMs + 2 * dayMs;

    expect(await identities.claim([claim(scoped(1), 'two')])).toEqual([{ outcome: 'claimed' }]);
    expect([...linksOf(scoped(1)).keys()]).toEqual([0]);
  });

  it('forgets a log whose first link is gone, also if it can not be read then', async () => {
    const known = new KnownLogs();
    const identities = instance({}, known);
    await identities.claim([claim(scoped(1), 'one')]);
    linksOf(scoped(1)).delete(0);
    clock.nowMs += 2 * dayMs;
    logs.read = async () => {
      throw new Unavailable('read');
    };

    await expect(identities.claim([claim(scoped(2), 'two')])).rejects.toThrow(Unavailable);
    expect(known.of(placeInLog(keyOf(scoped(1)))?.log ?? '').ids).toBe(0);
  });
});

it('an id has one holder if an instance claims it twice at once while the last link is prolonged', async () => {
  const expiresAtMs = clock.nowMs + retentionMs + guardMs;
  const early = claim(scoped(1), 'early');
  await instance().claim([claim(scoped(1), 'one')]);
  const identities = instance();
  clock.nowMs = expiresAtMs - dayMs - hourMs / 2;
  await identities.claim([early]);
  clock.nowMs = expiresAtMs - dayMs;
  const [read, append, prolong] = [new Gate(), new Gate(), new Gate()];
  const plain = {
    read: logs.read.bind(logs),
    append: logs.append.bind(logs),
    prolong: logs.prolong.bind(logs),
  };
  logs.read = async (ranges) => {
    logs.read = plain.read;
    await read.opened;
    return plain.read(ranges);
  };
  logs.append = async (links) => {
    logs.append = plain.append;
    await append.opened;
    return plain.append(links);
  };
  logs.prolong = async (link, untilMs) => {
    await prolong.opened;
    return plain.prolong(link, untilMs);
  };

  const claiming = ['two', 'three'].map((by) => identities.claim([claim(scoped(2), by)]));
  await setImmediate();
  clock.nowMs += 1000;
  for (const gate of [read, append, prolong]) {
    gate.open();
    await setImmediate();
  }

  expect((await Promise.all(claiming)).flat().map(({ outcome }) => outcome)).toEqual(['held', 'claimed']);
  expect(linksOf(scoped(2)).size).toBe(2);
});

describe('a full log', () => {
  const limits = { links: 2 };
  const fill = async () => {
    await instance(limits).claim(claims(ids(0, 2), 'one'));
    await instance(limits).claim(claims(ids(2, 4), 'two'));
  };

  it('takes no claims: they are made singly, for as long as its last link is kept', async () => {
    await fill();
    clock.nowMs += dayMs;
    const late = claim(scoped(4), 'three');

    expect(await instance(limits).claim([late])).toEqual([{ outcome: 'claimed' }]);
    expect([...singly.held.keys()]).toEqual([late.key]);
    expect(linksOf(scoped(4)).size).toBe(2);
    expect(linksOf(scoped(4)).get(1)?.expiresAtMs).toBeGreaterThanOrEqual(late.expiresAtMs);
  });

  it('still says who holds its ids, and the table of single claims who holds the others', async () => {
    await fill();
    await instance(limits).claim([claim(scoped(4), 'three')]);

    const results = await instance(limits).claim(claims([scoped(0), scoped(4), scoped(5)], 'four'));

    expect(results).toMatchObject([
      { outcome: 'held', by: { record: recordOf('one') } },
      { outcome: 'held', by: { record: recordOf('three') } },
      { outcome: 'claimed' },
    ]);
  });

  it('is one of many whose ids are claimed singly together', async () => {
    const wanted = [scoped(0), scoped(0, 'B'), scoped(0, 'C')];
    const next = (number: number) => wanted.map((id) => id.replace(/~.*/, `~${number}`));
    for (const number of [1, 2]) await instance(limits).claim(claims(next(number), `by ${number}`));
    const claimSingly = vi.spyOn(singly, 'claim');

    const results = await instance(limits).claim(claims([...next(2), ...next(3)], 'three'));

    expect(results.map(({ outcome }) => outcome)).toEqual([
      ...Array(3).fill('held'),
      ...Array(3).fill('claimed'),
    ]);
    expect(claimSingly.mock.calls.flat().map((some) => some.length)).toContain(3);
    expect(claimSingly.mock.calls.filter(([some]) => some.length > 0)).toHaveLength(1);
  });

  it('is decided again if another claim of the instance has read a release meanwhile', async () => {
    await fill();
    clock.nowMs += 2 * dayMs;
    const identities = instance(limits);
    const known = await identities.claim([claim(scoped(0), 'three')]);
    const [prolong, plain] = [new Gate(), logs.prolong.bind(logs)];
    logs.prolong = async (link, expiresAtMs) => {
      await prolong.opened;
      return plain(link, expiresAtMs);
    };

    const claiming = identities.claim(claims([scoped(0), scoped(9)], 'four'));
    await setImmediate();
    logs.prolong = plain;
    await instance(limits).release([claim(scoped(0), 'one', clock.nowMs - 2 * dayMs)], clock.nowMs - 1);
    await identities.claim([claim(scoped(1), 'five')]);
    prolong.open();

    expect(outcomesOf(known)).toEqual(['held']);
    expect(await claiming).toEqual([{ outcome: 'claimed' }, { outcome: 'claimed' }]);
  });

  it('leaves an id undecided if the table of single claims does, though a holder whose time is over is known', async () => {
    await fill();
    clock.nowMs += retentionMs + 1;
    singly.claim = async (some) => some.map(() => ({ outcome: 'undecided' }));

    const results = await instance(limits).claim(claims([scoped(0), scoped(9)], 'late'));

    expect(results).toEqual([{ outcome: 'undecided' }, { outcome: 'undecided' }]);
  });

  it('takes releases of both', async () => {
    await fill();
    await instance(limits).claim([claim(scoped(4), 'two')]);

    await instance(limits).release(claims([scoped(2), scoped(4)], 'two'), clock.nowMs);
    clock.nowMs += 1;

    expect(outcomesOf(await instance(limits).claim(claims([scoped(2), scoped(4)], 'five')))).toEqual([
      'claimed',
    ]);
  });

  it('is looked up in both places', async () => {
    await fill();
    await instance(limits).claim([claim(scoped(4), 'three')]);
    const find = (id: string) => instance(limits).find(keyOf(id));

    expect(await find(scoped(3))).toMatchObject({ record: recordOf('two') });
    expect(await find(scoped(4))).toMatchObject({ record: recordOf('three') });
    expect(await find(scoped(5))).toBeUndefined();
    expect(await find('random')).toBeUndefined();
  });

  it('is looked up past a claim that was made singly before the log began again, and is still there', async () => {
    await singly.claim([claim(scoped(0), 'long ago', clock.nowMs - 60 * dayMs)]);
    await fill();

    expect(await instance(limits).find(keyOf(scoped(0)))).toMatchObject({ record: recordOf('one') });
  });
});

it('claims that fail wait for those that are made at once', async () => {
  logs.append = async () => {
    throw new Unavailable('append');
  };
  const landing = new Gate();
  const claimSingly = singly.claim.bind(singly);
  singly.claim = async (claims) => {
    await landing.opened;
    return claimSingly(claims);
  };
  let hasEnded = false;

  const claiming = instance()
    .claim(claims([scoped(1), 'random'], 'one'))
    .finally(() => {
      hasEnded = true;
    });
  await setImmediate();

  expect(hasEnded).toBe(false);
  landing.open();
  await expect(claiming).rejects.toThrow(Unavailable);
  expect(singly.held.size).toBe(1);
});

it('an id of a log is found by one read, and one that is claimed singly by none', async () => {
  const identities = instance();
  await identities.claim([claim(scoped(1), 'one'), claim('random', 'one')]);
  logs.takeCalls();

  expect(await identities.find(keyOf(scoped(1)))).toMatchObject({ record: recordOf('one') });
  expect(logs.takeCalls()).toEqual(['read 0']);
  expect(await identities.find(keyOf('random'))).toMatchObject({ record: recordOf('one') });
  expect(logs.takeCalls()).toEqual([]);
});
