import { describe, expect, it } from 'vitest';
import { startOperator } from '../operator-fixture.ts';

const lag = {
  id: '20261130T230500Z-stream-lag',
  alarm: 'stream-lag',
  severity: 'page',
  notes: [],
} as const;

async function withAnIncident() {
  const fixture = startOperator();
  await fixture.operator.incidents.keep({ ...lag, fromMs: fixture.clock.now() - 3 * 3_600_000 });
  return fixture;
}

describe('weir incident', () => {
  it('lists what was on, and for how long', async () => {
    const { weir } = await withAnIncident();

    const { code, out } = await weir('incident', 'list');

    expect(code).toBe(0);
    expect(out).toMatch(/^20261130T230500Z-stream-lag {2}stream-lag \(page\), from .*, open for 3 h$/m);
  });

  it('notes the root cause, with who wrote it, once however often it is sent', async () => {
    const { weir, operator } = await withAnIncident();
    const note = ['incident', 'note', '--id', lag.id, '--text', 'A shard was hot.'];

    expect((await weir(...note)).code).toBe(0);
    expect((await weir(...note)).out).toContain('has this note already');

    expect((await operator.incidents.find(lag.id))?.notes).toMatchObject([
      { by: 'operator ada', from: 'host', text: 'A shard was hot.' },
    ]);
  });

  it('a note cannot write lines of its own into a list', async () => {
    const { weir } = await withAnIncident();

    await weir('incident', 'note', '--id', lag.id, '--by', 'bob', '--text', 'one\ntwo\u0000');

    expect((await weir('incident', 'list')).out).toContain('  bob: one two');
  });

  it('says where ids are if there is no such incident', async () => {
    const { weir } = startOperator();

    for (const id of ['20261130T230500Z-other', 'reviewed']) {
      const { code, err } = await weir('incident', 'note', '--id', id, '--text', 'x');
      expect(code).toBe(1);
      expect(err).toContain('incident list');
    }
  });
});
