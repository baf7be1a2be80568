// What becomes of a resource that holds something when its stack goes.

import { RemovalPolicy } from 'aws-cdk-lib';
import type { StageSettings } from './stage-settings.ts';

/** A protected stage keeps it. A stack whose making failed keeps nothing: it would stay, and bill, beside the next. */
export function removalOf({ protect }: Pick<StageSettings, 'protect'>): RemovalPolicy {
  return protect ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
