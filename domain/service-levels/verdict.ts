// Ship or freeze, with the reasons in plain sentences. Freeze if a budget is used up or burns over 5x, or while a page is
// unresolved. If nothing was measured, nothing shows that it is safe to ship.

import { type Attainment, attainmentOf, badWords, type Counts, isMissed, windowWords } from './attainment.ts';
import type { Incident } from './incidents.ts';
import type { Objective } from './objectives.ts';

export type Verdict = {
  readonly word: 'ship' | 'freeze';
  /** Why. At least one sentence. */
  readonly reasons: readonly string[];
  /** What does not decide it, but should be known. */
  readonly remarks: readonly string[];
};

export type Judged = {
  readonly objective: Objective;
  /** Over the window of the objective. Undefined without data. */
  readonly window: Attainment | undefined;
  /** Of the last day. */
  readonly lastDay: Counts;
};

/** How fast the budget burns, and what to do about it. */
export const burnWords = [
  { below: 1, todo: 'nothing to do' },
  { below: 2, todo: 'watch' },
  { below: 5, todo: 'investigate, and think of freezing deploys' },
  { below: Number.POSITIVE_INFINITY, todo: 'incident' },
] as const;

export const todoOf = (burn: number): string => burnWords.find(({ below }) => burn < below)?.todo ?? '';

const incidentBurn = 5;
/** With fewer bad ones, one unlucky request of a quiet night would freeze deploys. */
const leastBad = 10;

export function judge(judged: readonly Judged[], incidents: readonly Incident[]): Verdict {
  const measured = judged.filter(({ window }) => window !== undefined);
  const reasons = [
    ...judged.flatMap(usedUp),
    ...judged.flatMap(burnsFast),
    ...incidents
      .filter(({ severity, toMs }) => severity === 'page' && toMs === undefined)
      .map(({ alarm }) => `The page ${alarm} is not resolved.`),
    ...(measured.length === 0 ? ['No objective has data: nothing shows that users are served.'] : []),
  ];
  const grey = measured.length === 0 ? [] : judged.filter(({ window }) => window === undefined);
  const remarks = [
    ...(grey.length > 0
      ? [`No data, so neither met nor missed: ${grey.map(({ objective }) => objective.title).join(', ')}.`]
      : []),
    ...judged.flatMap(nearlyUsedUp),
  ];
  if (reasons.length > 0) return { word: 'freeze', reasons, remarks };
  return {
    word: 'ship',
    reasons: [
      'Every objective that has data has budget left, none burns over 5x, and no page is unresolved.',
    ],
    remarks,
  };
}

function usedUp({ objective, window }: Judged): string[] {
  if (window === undefined || !isMissed(window)) return [];
  if (window.budget === 0)
    return [
      `${objective.title}: ${window.bad} ${badWords(objective)} in ${windowWords(objective)}, and none may.`,
    ];
  return [
    `${objective.title}: the error budget of ${windowWords(objective)} is used up ` +
      `(${Math.round(window.usedPercent)} %).`,
  ];
}

function burnsFast({ objective, lastDay }: Judged): string[] {
  const burn = (attainmentOf(objective, lastDay)?.usedPercent ?? 0) / 100;
  if (burn <= incidentBurn || lastDay.bad < leastBad || !Number.isFinite(burn)) return [];
  return [
    `${objective.title}: in the last day the error budget burned ${burn.toFixed(1)} times as fast as it may.`,
  ];
}

function nearlyUsedUp({ objective, window }: Judged): string[] {
  if (window === undefined || window.usedPercent < 75 || window.usedPercent >= 100) return [];
  return [
    `${objective.title}: ${Math.round(window.usedPercent)} % of the error budget of ${windowWords(objective)} is used.`,
  ];
}
