// Under which dimensions each function publishes. Apart from the metrics, whose names the objectives need.

import { tierNames } from '../accounts/tiers.ts';
import { type Published, type Publisher, published } from './metrics.ts';
import { objectives } from './objectives.ts';

/** Every combination of dimensions under which the function publishes. CloudWatch keeps each as a metric of its own. */
export function dimensionsOf(publisher: Publisher): readonly Readonly<Record<string, string>>[] {
  if (publisher === 'accessLog') return [{}];
  const endpoint = publisher;
  const { byTier, byObjective }: Published = published[publisher];
  if (byObjective) return objectives.map(({ name }) => ({ endpoint, objective: name }));
  if (!byTier) return [{ endpoint }];
  return tierNames.map((tier) => ({ endpoint, tier }));
}
