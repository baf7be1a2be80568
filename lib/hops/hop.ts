// What every hop of an event's way is built from: the settings of its stage, its code and the storage it works on.

import type { FunctionCode } from '../function/weir-function.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import type { Storage } from '../stateful-stack.ts';

export type HopProps = {
  readonly stage: StageSettings;
  readonly code: FunctionCode;
  readonly storage: Storage;
};
