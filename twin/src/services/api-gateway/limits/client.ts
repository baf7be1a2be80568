// What API Gateway limits: a key on a plan.

import type { PresentedKey } from '../events.ts';
import type { UsagePlan } from './usage-plans.ts';

export type Client = { readonly key: PresentedKey; readonly plan: UsagePlan };
