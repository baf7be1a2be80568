// In which order a deploy makes new versions live, and which of them begin as a canary. What reads records comes before
// what writes them; on the way back it is the other way round.

import { Validations } from 'aws-cdk-lib';
import { LambdaApplication } from 'aws-cdk-lib/aws-codedeploy';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Alias, CfnAlias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { authorizeTimeMs } from '../../domain/api/routes.ts';
import type { FunctionVerb } from '../../domain/system/stage-names.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import { Canary } from './canary.ts';

/** What takes requests, and what reads the streams. The others run a few times an hour: a tenth of that shows nothing. */
const canaries: Partial<Record<FunctionVerb, { readonly slowMs?: number }>> = {
  // A tenth of its timeout: every request waits for it first.
  authorize: { slowMs: authorizeTimeMs / 10 },
  ingest: { slowMs: 500 },
  read: { slowMs: 1000 },
  // Some of its routes wait up to five seconds for settle.
  manage: {},
  // A batch that the new version fails is tried again, nine times in ten by the old one.
  consume: {},
  'consume-late': {},
  'consume-priority': {},
};

/** By verb. A stage may leave some out. */
export type Wave = Partial<Record<FunctionVerb, Alias>>;

export type DeploysProps = {
  readonly stage: StageSettings;
  /** Each waits until the one before it is live. */
  readonly waves: readonly Wave[];
  /** To a commit that was live before: the last wave first, and without canaries, because it has been tried. */
  readonly back: boolean;
};

export class Deploys extends Construct {
  constructor(scope: Construct, id: string, { stage, waves, back }: DeploysProps) {
    super(scope, id);
    if ('canary' in stage.deploys) this.addCanaries(stage, waves);
    const aliases = waves.map((wave) => Object.values(wave).map(resourceOf));
    for (const alias of back ? aliases.flat() : []) delete alias.cfnOptions.updatePolicy;

    const ordered = back ? aliases.toReversed() : aliases;
    for (const [index, wave] of ordered.entries())
      for (const alias of wave)
        for (const earlier of ordered[index - 1] ?? []) alias.addResourceDependency(earlier);
  }

  private addCanaries(stage: StageSettings, waves: readonly Wave[]): void {
    const application = new LambdaApplication(this, 'Application', {
      applicationName: `weir-${stage.name}`,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
      description: `Moves the aliases of Weir ${stage.name} to new versions`,
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
      reason:
        'AWS documents this policy for deployments of functions: it moves aliases and reads alarms, and its copy here ' +
        'would fail each deploy on the day on which CodeDeploy needs more.',
    });
    for (const [verb, live] of entriesOf(waves)) {
      const canary = canaries[verb];
      if (canary !== undefined) new Canary(this, verb, { stage, verb, live, ...canary, application, role });
    }
  }
}

const entriesOf = (waves: readonly Wave[]) =>
  waves.flatMap((wave) => Object.entries(wave) as [FunctionVerb, Alias][]);

const resourceOf = (alias: Alias): CfnAlias => alias.node.defaultChild as CfnAlias;
