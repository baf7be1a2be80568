import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dayMs, floorTo, hourMs } from '../../../domain/system/time.ts';
import { startOperator } from './operator-fixture.ts';

function start() {
  const fixture = startOperator();
  const asked: unknown[] = [];
  fixture.operator.records = async () => ({
    ...fixture.records.access,
    functions: {
      invoke: async (verb, input) => {
        asked.push([verb, input]);
        return { report: { verdict: { word: 'ship' }, madeAtMs: 1 }, page: '<p>page</p>', text: 'SHIP' };
      },
    },
  });
  return { ...fixture, asked };
}

it('asks review for the last 7 days, in full hours', async () => {
  const { weir, asked, clock } = start();
  const toMs = floorTo(clock.now(), hourMs);

  expect(await weir('report')).toMatchObject({ code: 0, out: expect.stringContaining('SHIP') });
  expect(JSON.parse((await weir('report', '--json')).out)).toEqual({
    verdict: { word: 'ship' },
    made_at_ms: 1,
  });

  expect(asked[0]).toEqual(['review', { report: { fromMs: toMs - 7 * dayMs, toMs } }]);
});

it('writes the page to a file', async () => {
  const { weir } = start();
  const folder = mkdtempSync(join(tmpdir(), 'weir-report-'));
  const file = join(folder, 'report.html');

  expect((await weir('report', '--from', '24h', '--out', file)).out).toContain(file);
  expect(readFileSync(file, 'utf8')).toBe('<p>page</p>');
  expect((await weir('report', '--out', join(folder, 'no', 'such.html'))).code).toBe(1);
  rmSync(folder, { recursive: true });
});

it.each([[['--from', '100d']], [['--from', '2h', '--to', '2h']], [['--from', '1h', '--to', '2h']]])(
  'refuses %j, and asks for nothing',
  async (options) => {
    const { weir, asked } = start();

    expect((await weir('report', ...options)).code).toBe(2);
    expect(asked).toEqual([]);
  },
);
