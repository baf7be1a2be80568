// The stream that an account is to be on, as `account create` and `account set` take it.

import { Option } from '@commander-js/extra-typings';
import { type StreamName, streamNames } from '../../domain/record/streams.ts';
import { CliError } from '../errors.ts';
import type { Operator } from '../operator.ts';

export class NoPriorityStream extends CliError {
  constructor(stage: string) {
    super(
      `The stage ${stage} has no priority stream. Nothing was changed.`,
      'Give it one: set streams.priority of the stage in lib/stage/stages.ts and deploy it. Or leave --stream out.',
    );
  }
}

export const streamOption = (description: string) =>
  new Option('--stream <name>', description).choices(streamNames);

export function assertHasStream({ stage, hasPriorityStream }: Operator, stream?: StreamName): void {
  if (stream === 'priority' && !hasPriorityStream) throw new NoPriorityStream(stage);
}
