// What review says each hour: how much of each objective was kept, over its whole window. The days before a drill used up a
// fifth of the budget.

import { attainmentOf, isMissed } from '../../domain/service-levels/attainment.ts';
import { errorBudget, type Objective, objectives } from '../../domain/service-levels/objectives.ts';
import { type Happened, usualBatches } from './world.ts';

const usedBefore = 0.2;
const minutesOfDay = 1440;
const batchesOfWeek = Array.from({ length: 7 * minutesOfDay }, (_, minute) => usualBatches(minute)).reduce(
  (sum, each) => sum + each,
);

type Counts = { bad: number; total: number };

/** As the indicator of the objective counts a minute. */
function countsOf({ indicator }: Objective, of: Happened): Counts {
  switch (indicator.kind) {
    case 'answers':
      if (indicator.of === 'ingest') return { bad: of.failed + of.shed, total: of.batches };
      if (indicator.of === 'read') return { bad: of.failedReads, total: of.reads };
      return { bad: of.failed + of.failedReads, total: of.batches + of.reads };
    case 'latency':
      return { bad: of.slow, total: of.batches };
    case 'counted':
      return indicator.by === 'consume'
        ? { bad: of.stored - of.fresh, total: of.stored }
        : { bad: 0, total: of.reads };
    case 'ledger':
      return { bad: 0, total: of.accepted };
  }
}

export class Promises {
  private readonly kept = new Map<string, Counts>(
    objectives.map((objective) => {
      const total = (batchesOfWeek / 7 / 24) * objective.windowHours;
      return [objective.name, { bad: total * errorBudget(objective) * usedBefore, total }];
    }),
  );

  add(of: Happened): void {
    for (const objective of objectives) {
      const counts = this.kept.get(objective.name) as Counts;
      const { bad, total } = countsOf(objective, of);
      counts.bad += bad;
      counts.total += total;
    }
  }

  isMissed(name: string): boolean {
    const objective = objectives.find((each) => each.name === name);
    const attainment = objective && attainmentOf(objective, this.kept.get(name) ?? { bad: 0, total: 0 });
    return attainment !== undefined && isMissed(attainment);
  }
}
