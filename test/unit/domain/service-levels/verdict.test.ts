import { describe, expect, it } from 'vitest';
import { attainmentOf } from '../../../../domain/service-levels/attainment.ts';
import type { Incident } from '../../../../domain/service-levels/incidents.ts';
import type { Objective } from '../../../../domain/service-levels/objectives.ts';
import { judge, todoOf } from '../../../../domain/service-levels/verdict.ts';

const objective: Objective = {
  name: 'ingest-availability',
  title: 'Ingest availability',
  targetPercent: 99.9,
  windowHours: 720,
  indicator: { kind: 'answers', of: 'ingest' },
};
const judged = (bad: number, lastDay = { total: 1000, bad: 0 }, total = 1_000_000) => ({
  ...{ objective, lastDay },
  window: attainmentOf(objective, { total, bad }),
});
const incident = (severity: 'page' | 'ticket', toMs?: number): Incident => ({
  ...{ id: 'x', alarm: 'stream-lag', severity, fromMs: 0, notes: [] },
  ...(toMs !== undefined && { toMs }),
});

describe('the verdict', () => {
  it('is ship while there is budget left', () => {
    expect(judge([judged(500)], [incident('page', 5), incident('ticket')])).toMatchObject({
      word: 'ship',
      remarks: [],
    });
  });

  it.each([
    ['a budget is used up', [judged(1110)], [], 'the error budget of 30 days is used up (111 %)'],
    ['it burns over 5x', [judged(0, { total: 10_000, bad: 60 })], [], '6.0 times as fast as it may'],
    ['a page is not resolved', [judged(0)], [incident('page')], 'The page stream-lag is not resolved.'],
    ['nothing was measured', [judged(0, { total: 0, bad: 0 }, 0)], [], 'No objective has data'],
  ] as const)('is freeze when %s, and says so', (_, objectives, incidents, sentence) => {
    const { word, reasons } = judge(objectives, incidents);

    expect(word).toBe('freeze');
    expect(reasons.join()).toContain(sentence);
  });

  it('is not freeze for one unlucky request of a quiet night', () => {
    expect(judge([judged(1, { total: 6, bad: 1 })], []).word).toBe('ship');
  });

  it('names what is grey, and what is nearly used up', () => {
    const { word, remarks } = judge([judged(800), judged(0, { total: 0, bad: 0 }, 0)], []);

    expect(word).toBe('ship');
    expect(remarks).toEqual([
      'No data, so neither met nor missed: Ingest availability.',
      'Ingest availability: 80 % of the error budget of 30 days is used.',
    ]);
  });
});

it.each([
  [0.9, 'nothing to do'],
  [1, 'watch'],
  [2, 'investigate, and think of freezing deploys'],
  [5, 'incident'],
])('at a burn of %dx the word is: %s', (burn, todo) => {
  expect(todoOf(burn)).toBe(todo);
});
