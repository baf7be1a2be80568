// What a stage needs of an AWS account, from its settings. `weir doctor` holds it against the quotas of the account.

import { ladder } from '../../domain/accounts/tiers.ts';
import type { AccountNeeds } from '../../domain/system/account-needs.ts';
import { functionNameOf } from '../../domain/system/stage-names.ts';
import { tierBurst } from './request-concurrency.ts';
import { functionsOfStage, type StageSettings, streamsOfStage } from './stage-settings.ts';

/** What the CDK's own way to deploy needs. */
const bootstrapVersion = 6;

export function accountNeeds(stage: StageSettings): AccountNeeds {
  const streams = streamsOfStage(stage).map(({ capacity }) => capacity);
  const verbs = functionsOfStage(stage);
  return {
    stage: stage.name,
    ...(stage.region !== undefined && { region: stage.region }),
    functions: verbs.map((verb) => functionNameOf(stage.name, verb)),
    reservedConcurrency: verbs
      .map((verb) => stage.reservedConcurrency[verb])
      .reduce<number>((sum, each) => sum + (typeof each === 'number' ? each : 0), 0),
    shards: streams.reduce((sum, each) => sum + (each.mode === 'provisioned' ? each.shards : 0), 0),
    onDemandStreams: streams.filter(({ mode }) => mode === 'on-demand').length,
    usagePlans: ladder.length,
    requestsPerSecond: tierBurst,
    bootstrapVersion,
  };
}
