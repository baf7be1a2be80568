// The CDK app: wires stages to stacks and does nothing else. `-c stage=dev` selects one stage; without it, all.

import { CDK_APP_MODE_CONTEXT } from 'aws-cdk-lib/cx-api';
import { bundledCode } from '../lib/function/bundled-code.ts';
import { InvalidStage } from '../lib/stage/stage-settings.ts';
import { selectStages } from '../lib/stage/stages.ts';
import { StatefulStack } from '../lib/stateful-stack.ts';
import { StatelessStack } from '../lib/stateless-stack.ts';
import { WeirApp } from '../lib/weir-app.ts';

const app = new WeirApp();
// What the judges of the templates find is printed and the exit fails; an exception would bury it under its trace.
app.node.setContext(CDK_APP_MODE_CONTEXT, 'process');

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
  // At once: the app would still synthesize what there is of it at an exit of its own.
  process.exit(1);
}
