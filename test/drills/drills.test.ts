// Alarms that have been seen to ring, and to be silent: each drill lets a trouble pass over the alarms of the template, in
// moved time, and says which of them ring, how soon, and that they end.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { inWords } from '../../lib/slo/indicators.ts';
import { withPrinted } from '../support/printed-tables.ts';
import { type Drill, drills } from './drills.ts';
import { MetricNotInWorld, modelOf } from './measured.ts';
import { type Ring, readTemplate, runDrill } from './run-drill.ts';

const root = join(import.meta.dirname, '..', '..');
const page = 'docs/operate/alarms.md';

beforeAll(() => {
  readTemplate();
});

const results = new Map<Drill, readonly Ring[]>();
function resultOf(drill: Drill): readonly Ring[] {
  const known = results.get(drill);
  if (known !== undefined) return known;
  const result = runDrill(drill);
  results.set(drill, result);
  return result;
}

/** What was missed over a whole window stays missed until the window has passed. */
const staysMissed = ({ alarm }: Ring) => alarm.startsWith('attainment-');

const firstRings = (rings: readonly Ring[]): readonly Ring[] =>
  rings.filter(({ alarm }, index) => rings.findIndex((each) => each.alarm === alarm) === index);

describe.each(drills)('$name', (drill) => {
  it('rings the alarms that it should, and no other', () => {
    const names = (severity: Ring['severity']) =>
      firstRings(resultOf(drill)).flatMap((ring) => (ring.severity === severity ? [ring.alarm] : []));

    expect(names('page').toSorted()).toEqual(Object.keys(drill.pages).toSorted());
    expect(names('ticket').toSorted()).toEqual(Object.keys(drill.tickets).toSorted());
  });

  it('rings each in time', () => {
    const within: Readonly<Record<string, number>> = { ...drill.pages, ...drill.tickets };
    const late = firstRings(resultOf(drill)).filter(
      ({ alarm, afterMinutes }) => afterMinutes > (within[alarm] ?? 0),
    );

    expect(late).toEqual([]);
  });

  it('rings none before the trouble, none twice, and none for good', () => {
    const rings = resultOf(drill);
    const first = firstRings(rings);
    const again = [...new Set(rings.filter((ring) => !first.includes(ring)).map(({ alarm }) => alarm))];

    expect(rings.filter(({ afterMinutes }) => afterMinutes <= 0)).toEqual([]);
    expect(again.toSorted()).toEqual((drill.again ?? []).toSorted());
    expect(rings.filter((ring) => ring.endedAfterMinutes === undefined && !staysMissed(ring))).toEqual([]);
  });
});

describe('the drills', () => {
  it('stop at a metric that they do not know, and name it', () => {
    const unknown = { namespace: 'Weir/dev', name: 'newMetric', dimensions: { endpoint: 'ingest' } };

    expect(() => modelOf(unknown)).toThrow(MetricNotInWorld);
    expect(() => modelOf(unknown)).toThrow(/Weir\/dev newMetric \{"endpoint":"ingest"\}/);
  });

  it('are told with their times: run this test with -u after a change', async () => {
    const rows = drills.flatMap((drill) => {
      const rings = firstRings(resultOf(drill));
      if (rings.length === 0) return [`| ${drill.name} | none | | |`];
      return rings.map(({ alarm, severity, afterMinutes }, index) => {
        const name = index === 0 ? drill.name : '';
        return `| ${name} | \`${alarm}\` | ${severity} | ${toWords(afterMinutes)} |`;
      });
    });
    const table = ['| drill | alarm | severity | rings after |', '|---|---|---|--:|', ...rows];

    const text = readFileSync(join(root, page), 'utf8');
    await expect(withPrinted(text, 'test/drills', table)).toMatchFileSnapshot(join(root, page));
  });
});

const minutesOfDay = 1440;
const toWords = (minutes: number): string =>
  minutes > minutesOfDay ? `${(minutes / minutesOfDay).toFixed(1)} days` : inWords(minutes);
