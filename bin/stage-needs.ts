// What a stage needs of an AWS account, for `weir doctor`. Here, because the verbs of cli/ know nothing of the settings
// in lib/.

import { UnknownStage } from '../cli/errors.ts';
import type { StageNeeds } from '../cli/run.ts';
import { accountNeeds } from '../lib/stage/account-needs.ts';
import { InvalidStage } from '../lib/stage/stage-settings.ts';
import { selectStages } from '../lib/stage/stages.ts';

export const stageNeeds: StageNeeds = async (stage) => {
  try {
    const [settings] = selectStages(stage);
    if (settings) return accountNeeds(settings);
  } catch (error) {
    if (error instanceof InvalidStage) throw new UnknownStage(error.message);
    throw error;
  }
  throw new UnknownStage(`There is no stage "${stage}".`);
};
