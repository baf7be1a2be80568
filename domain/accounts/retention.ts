// How long the events of any account are kept at least, and at most, by the tiers.

import { tiers } from './tiers.ts';

const retentions = Object.values(tiers).map(({ retentionDays }) => retentionDays);
export const shortestRetentionDays = Math.min(...retentions);
export const longestRetentionDays = Math.max(...retentions);
