// Arbitrary histories: what most of each is about, and which records it is about.

import fc from 'fast-check';
import { inBatch, inNextWindow, inWindow } from './event-ids.ts';
import { type Focus, type History, tables } from './history.ts';
import { type LogOpening, planAfterLogOpening } from './log-openings.ts';
import { givenAwayAfterDays, noOpening, type Opening } from './openings.ts';
import { denseIds, kinds, type RecordPlan, slots } from './records.ts';
import { mostWhich } from './steps.ts';

const choicesOf = (focus: Focus, mostChoices: number) =>
  fc.array(fc.nat(tables[focus].length * (mostWhich + 1) - 1), { maxLength: mostChoices, size: 'max' });

const everyKind = [0, 1, inWindow(0), inWindow(1), inBatch(0)];

/** Few ids and much that fails, so that records meet in claims, pages and quarantine. */
const storedPlans: fc.Arbitrary<RecordPlan> = fc.record({
  tenant: fc.constantFrom(0, 0, 0, 1),
  kind: fc.constantFrom(...Array<'plain'>(6).fill('plain'), ...kinds, 'fails at pages', 'fails at counting'),
  ids: fc.oneof(
    { weight: 7, arbitrary: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 }) },
    { weight: 2, arbitrary: fc.uniqueArray(fc.constantFrom(...everyKind), { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant(denseIds) },
  ),
  others: fc.constantFrom(0, 0, 0, 1, 2, 3),
  retentionDays: fc.constantFrom(1, 1, 1, 20, 90),
  slot: fc.constantFrom(slots[0], slots[0], slots[0], slots[1]),
  isLate: fc.constantFrom(false, false, false, true),
  isDoubled: fc.constantFrom(false, false, true),
  made: fc.constantFrom(0, 0, 1, 2),
  back: fc.constantFrom(0, 0, 1, 3, 7),
});

const leftBehind: fc.Arbitrary<Opening> = fc.record({
  kind: fc.constant('left behind' as const),
  calls: fc.nat(6),
  isDiscarded: fc.boolean(),
});

const abandoned: fc.Arbitrary<Opening> = fc.record({
  kind: fc.constant('abandoned' as const),
  others: fc.constantFrom(0, 1),
  days: fc.constantFrom(1, givenAwayAfterDays),
});

const refused: fc.Arbitrary<Opening> = fc.record({
  kind: fc.constant('refused' as const),
  records: fc.constantFrom(1, 2, 2, 3, 3, 4),
  calls: fc.oneof(fc.constant(Number.MAX_SAFE_INTEGER), fc.nat(20)),
  again: fc.constantFrom(0, 0, 0, 1, 2, 3),
  isServed: fc.boolean(),
});

const storing: fc.Arbitrary<History> = fc
  .record({
    focus: fc.constant('storing' as const),
    opening: fc.oneof(
      { weight: 13, arbitrary: fc.constant(noOpening) },
      { weight: 4, arbitrary: leftBehind },
      { weight: 2, arbitrary: abandoned },
    ),
    records: fc.array(storedPlans, { minLength: 1, maxLength: 6, size: 'max' }),
    choices: choicesOf('storing', 50),
  })
  .map((history) => ({
    ...history,
    records: history.records.map((plan) => planAfter(history.opening, plan)),
  }));

/** Records that fail as above, and lanes that the tables refuse while they serve others. */
const refusing: fc.Arbitrary<History> = fc.record({
  focus: fc.constant('refusing' as const),
  opening: fc.oneof({ weight: 1, arbitrary: fc.constant(noOpening) }, { weight: 2, arbitrary: refused }),
  records: fc.array(storedPlans, { minLength: 1, maxLength: 6, size: 'max' }),
  choices: choicesOf('refusing', 40),
});

/** Ids are given away only if they were made, are kept for longer than the record is abandoned, and are sent back. */
function planAfter(opening: Opening, plan: RecordPlan): RecordPlan {
  if (opening.kind !== 'abandoned' || opening.days < givenAwayAfterDays) return plan;
  return { ...plan, retentionDays: 90, made: Math.max(1, plan.made), back: Math.max(1, plan.back) };
}

/** In two logs of a time and one of a batch, mostly in the first, and few claimed singly. */
const claimedPlans: fc.Arbitrary<RecordPlan> = fc.record({
  tenant: fc.constantFrom(0, 0, 0, 0, 1),
  kind: fc.constantFrom(...Array<'plain'>(9).fill('plain'), 'fails at pages', 'fails at counting', 'large'),
  ids: fc.uniqueArray(
    fc.constantFrom(...[0, 1, 2].map(inWindow), ...[0, 1].map(inNextWindow), inBatch(0), 0),
    { minLength: 1, maxLength: 4 },
  ),
  others: fc.constantFrom(0, 0, 0, 1),
  retentionDays: fc.constantFrom(1, 1, 90),
  slot: fc.constantFrom(slots[0], slots[0], slots[1]),
  isLate: fc.constant(false),
  isDoubled: fc.constantFrom(false, false, false, true),
  made: fc.constant(0),
  back: fc.constant(0),
});

const logOpenings: fc.Arbitrary<LogOpening> = fc.oneof(
  fc.constant({ kind: 'leftover' as const }),
  fc.record({ kind: fc.constant('gap' as const), first: fc.constantFrom('short', 'long', 'full') }),
  fc.record({
    kind: fc.constant('end of life' as const),
    records: fc.constantFrom(1, 1, 2),
    calls: fc.constantFrom(1, 2, 2, 3, 3, 4, 5),
    fails: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('discarded' as const),
    isOvertaken: fc.boolean(),
    isFull: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('last link' as const) }),
  fc.record({ kind: fc.constant('late' as const), isAbandoned: fc.boolean() }),
);

const claiming: fc.Arbitrary<History> = fc
  .record({
    focus: fc.constant('claiming' as const),
    opening: fc.oneof(
      { weight: 1, arbitrary: fc.constant(noOpening) },
      { weight: 1, arbitrary: logOpenings },
    ),
    records: fc.array(claimedPlans, { minLength: 1, maxLength: 7, size: 'max' }),
    choices: choicesOf('claiming', 40),
  })
  .map((history) => ({
    ...history,
    records: history.records.map((plan, index) =>
      history.opening.kind === 'none' ? plan : planAfterLogOpening(history.opening, plan, index),
    ),
  }));

/** Records of few calls: mostly of ids made here, which nobody claims. */
const countedPlans: fc.Arbitrary<RecordPlan> = fc.record({
  tenant: fc.constant(0),
  kind: fc.constantFrom(
    ...Array<'plain'>(11).fill('plain'),
    'large',
    'fails at counting',
    'fails at counting',
  ),
  ids: fc.constantFrom([], [], [], [12], [13], [12, 13]),
  others: fc.constant(0),
  retentionDays: fc.constant(1),
  slot: fc.constant(slots[0]),
  isLate: fc.constantFrom(...Array(6).fill(false), true),
  isDoubled: fc.constant(false),
  made: fc.constantFrom(1, 1, 2, 3),
  back: fc.constant(0),
});

const lags: fc.Arbitrary<Opening> = fc.record({
  kind: fc.constant('lag' as const),
  laggards: fc.constantFrom(1, 1, 2, 2),
  foldCalls: fc.constantFrom(0, 2, 3, 3, 5, 5, 5, 6, 7, 8, 8, 9, 10),
  lateCalls: fc.constantFrom(0, 1, 1, 2, 2, 3, 4),
  readCalls: fc.constantFrom(0, 1, 2, 3, 3, 3),
  isKilled: fc.constantFrom(false, false, false, true),
});

const counting: fc.Arbitrary<History> = fc.record({
  focus: fc.constant('counting' as const),
  opening: fc.oneof({ weight: 1, arbitrary: fc.constant(noOpening) }, { weight: 2, arbitrary: lags }),
  records: fc.array(countedPlans, { minLength: 1, maxLength: 8, size: 'max' }),
  choices: choicesOf('counting', 32),
});

export const histories: Readonly<Record<Focus | 'any', fc.Arbitrary<History>>> = {
  storing,
  refusing,
  claiming,
  counting,
  any: fc.oneof(storing, refusing, claiming, counting),
};
