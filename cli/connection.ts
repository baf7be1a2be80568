// Where a verb connects to, by its options: AWS, another endpoint, or the twin that runs here.

import type { Connection } from '../adapters/aws/client-options.ts';
import { WrongUse } from './errors.ts';
import { findRunningTwin, isLoopback, isTwinRunning } from './running-twin.ts';

export type OperatorOptions = Connection & { readonly stage: string };

export type ConnectionOptions = {
  readonly stage: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly local?: true | undefined;
};

export class InvalidEndpoint extends WrongUse {
  constructor(endpoint: string) {
    super(`--endpoint ${endpoint} is not a URL.`, 'Give one such as http://127.0.0.1:4566.');
  }
}

/** Neither an option nor the environment nor the AWS configuration names a region. */
export class NoRegion extends WrongUse {
  constructor(folder: string) {
    super(
      'No region.',
      isTwinRunning(folder)
        ? 'For the twin that runs here add --local; for AWS give --region.'
        : 'For AWS give --region. For a twin start it with npm start and add --local.',
    );
  }
}

/** The AWS SDK throws a plain Error with this message. */
export const isRegionMissing = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Region is missing';

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
