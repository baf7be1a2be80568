// The CDK app: makes the two stacks of each stage. `-c stage=dev` selects one stage; without it, all. `-c back=true` is
// for a commit that was live before: docs/operate/deploy.md.

import { CDK_APP_MODE_CONTEXT } from 'aws-cdk-lib/cx-api';
import { bundledCode } from '../lib/function/bundled-code.ts';
import { InvalidStage } from '../lib/stage/stage-settings.ts';
import { selectStages } from '../lib/stage/stages.ts';
import { StatefulStack } from '../lib/stateful-stack.ts';
import { StatelessStack } from '../lib/stateless-stack.ts';
import { WeirApp } from '../lib/weir-app.ts';

const app = new WeirApp();
// The findings of the template validation are printed and the process exits with 1. An exception would bury them under
// its stack trace.
app.node.setContext(CDK_APP_MODE_CONTEXT, 'process');

try {
  const code = bundledCode();
  const back = app.node.tryGetContext('back') === 'true';
  for (const stage of selectStages(app.node.tryGetContext('stage'))) {
    const { storage } = new StatefulStack(app, stage);
    new StatelessStack(app, { stage, code, storage, back });
  }
  app.synth();
} catch (error) {
  if (!(error instanceof InvalidStage)) throw error;
  console.error(error.message);
  // Ends the process now. Otherwise the app would synthesize its unfinished stacks when the process exits.
  process.exit(1);
}
