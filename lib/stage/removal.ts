// What happens to a resource that holds data when its stack is deleted.

import { RemovalPolicy } from 'aws-cdk-lib';
import type { StageSettings } from './stage-settings.ts';

/** A protected stage keeps it. A failed first deploy keeps nothing, because the next deploy creates everything again. */
export function removalOf({ protect }: Pick<StageSettings, 'protect'>): RemovalPolicy {
  return protect ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
