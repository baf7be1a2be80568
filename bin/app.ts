// The CDK app: wires stages to stacks and does nothing else. `-c stage=dev` selects one stage; without it, all.

import { App } from 'aws-cdk-lib';
import { bundledCode } from '../lib/bundled-code.ts';
import { featureFlags } from '../lib/feature-flags.ts';
import { InvalidStage } from '../lib/stage-settings.ts';
import { selectStages } from '../lib/stages.ts';
import { StatefulStack } from '../lib/stateful-stack.ts';
import { StatelessStack } from '../lib/stateless-stack.ts';

const app = new App({ analyticsReporting: false, context: featureFlags });

try {
  const code = bundledCode();
  for (const stage of selectStages(app.node.tryGetContext('stage'))) {
    const { storage } = new StatefulStack(app, stage);
    new StatelessStack(app, { stage, code, storage });
  }
  app.synth();
} catch (error) {
  if (!(error instanceof InvalidStage)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
