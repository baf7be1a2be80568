// Where a verb connects to, by its options: AWS, another endpoint, or the twin that runs here.

import type { Connection } from '../adapters/aws/client-options.ts';
import { CliError } from './errors.ts';
import { findRunningTwin, isLoopback } from './running-twin.ts';

export type OperatorOptions = Connection & { readonly stage: string };

export type ConnectionOptions = {
  readonly stage: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly local?: true | undefined;
};

export class InvalidEndpoint extends CliError {
  constructor(endpoint: string) {
    super(`--endpoint ${endpoint} is no URL.`, 'Give one such as http://127.0.0.1:4566.');
  }
}

/** A twin asks for no one's credentials and is in no region: any will do. */
const onThisMachine = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
};

/** `folder` is in the project whose twin --local means. */
export function toOperatorOptions(options: ConnectionOptions, folder: string): OperatorOptions {
  const { stage, region, endpoint, local } = options;
  if (local) {
    const twin = findRunningTwin(folder);
    return { stage: twin.stage, endpoint: twin.endpoint, ...onThisMachine };
  }
  const named = region ? { region } : {};
  if (!endpoint) return { stage, ...named };
  if (!URL.canParse(endpoint)) throw new InvalidEndpoint(endpoint);
  return { stage, endpoint, ...(isLoopback(endpoint) && onThisMachine), ...named };
}
