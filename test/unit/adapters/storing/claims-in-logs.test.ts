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
  it('are one read and one append for any number of records and logs', async () => {
    const wanted = [scoped(1), scoped(2), scoped(1, 'B'), '0197e5a2-6f0b-7c1d-9b3e-5a7f00c4d21e'];

    const results = await instance().claim([...claims(wanted, 'one'), ...claims([scoped(3)], 'two')]);

    expect(outcomesOf(results)).toEqual(['claimed']);
    expect(logs.takeCalls()).toEqual(['read 0,0,0', 'append 0,0,0']);
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

    expect(kept).toEqual([0, 5, 10]);
  });

  it('are none if an earlier try of the record has claimed all', async () => {
    const identities = instance();
    await identities.claim(claims(ids(0, 5), 'one'));
    logs.takeCalls();

    const results = await identities.claim(claims(ids(0, 5), 'one'));

    expect(outcomesOf(results)).toEqual(['held']);
    expect(logs.takeCalls()).toEqual([]);
  });

  it('read 16 logs at once, windows that follow each other together', async () => {
    const uuids = [...'eca86420'].map((digit) => `0197e5a2-${digit}f0b-7c1d-9b3e-5a7f00c4d21e`);
    const prefixes = Array.from({ length: 26 }, (_, at) => scoped(1, String.fromCharCode(65 + at)));
    const read = vi.spyOn(logs, 'read');

    const results = await instance().claim(claims([...prefixes, ...uuids], 'one'));

    expect(outcomesOf(results)).toEqual(['claimed']);
    const logsOf = ([ranges]: Parameters<typeof logs.read>) => ranges.map(({ log }) => log);
    expect(read.mock.calls.map((call) => logsOf(call).length)).toEqual([16, 16, 2]);
    expect(read.mock.calls.flatMap(logsOf).slice(0, 8)).toEqual(
      Array.from({ length: 8 }, (_, window) => `acme#production#0#0197e5a2#${window}`),
    );
    expect(logs.takeCalls().filter((call) => call.startsWith('append'))).toHaveLength(1);
  });

  it('read no more logs once they know as many ids as a full log has, before those are decided', async () => {
    const limits = { links: 2, ids: 4 };
    const prefixes = Array.from({ length: 20 }, (_, at) => String.fromCharCode(65 + at));
    await instance(limits).claim(
      claims(
        prefixes.map((prefix) => scoped(1, prefix)),
        'one',
      ),
    );
    logs.takeCalls();

    const results = await instance(limits).claim(
      claims(
        prefixes.map((prefix) => scoped(2, prefix)),
        'two',
      ),
    );

    expect(outcomesOf(results)).toEqual(['claimed']);
    expect(logs.takeCalls().map((call) => `${call.split(' ')[0]} ${call.split(',').length}`)).toEqual([
      'read 16',
      'append 16',
      'read 4',
      'append 4',
    ]);
  });

  it('make several links of more ids than one takes, and wait for each to land', async () => {
    const results = await instance({ ids: 4 }).claim(claims(ids(0, 10), 'one'));

    expect(outcomesOf(results)).toEqual(['claimed']);
    expect(logs.takeCalls()).toEqual(['read 0', 'append 0', 'append 1', 'append 2']);
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

  it('prolongs the last link before it is built on, if that expires soon', async () => {
    await instance().claim([claim(scoped(1), 'one')]);
    clock.nowMs += retentionMs + guardMs - hourMs;
    logs.takeCalls();

    expect(await instance().claim([claim(scoped(2), 'two')])).toEqual([{ outcome: 'claimed' }]);
    expect(logs.takeCalls()).toEqual(['read 0', 'prolong 0', 'append 1']);
    expect(linksOf(scoped(1)).get(0)?.expiresAtMs).toBeGreaterThanOrEqual(clock.nowMs + guardMs);
  });

  it('begins the log again if its last link is gone', async () => {
    const identities = instance();
    await identities.claim([claim(scoped(1), 'one', clock.nowMs - 60 * dayMs)]);
    const log = placeInLog(keyOf(scoped(1)))?.log ?? '';
    logs.prolong = async () => {
      logs.links.delete(log);
      return false;
    };
    clock.nowMs += guardMs - hourMs;
    logs.takeCalls();

    expect(await instance().claim([claim(scoped(1), 'two')])).toEqual([{ outcome: 'claimed' }]);
    expect([...linksOf(scoped(1)).keys()]).toEqual([0]);
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
  logs.read = async () => {
    throw new Unavailable('read');
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
