// Where the suite deploys to: an emulator, never AWS itself, because the suite deletes stacks.

import type { Connection } from '../../adapters/aws/client-options.ts';

export type Target = {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly region: string;
  /** The environment of every program that the suite starts. */
  readonly environment: NodeJS.ProcessEnv;
};

export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

export function readTarget(environment: NodeJS.ProcessEnv): Target {
  const endpoint = environment.AWS_ENDPOINT_URL?.replace(/\/+$/, '');
  if (!endpoint)
    throw new CannotRun(
      'AWS_ENDPOINT_URL is missing: the address of LocalStack or of a compatible emulator.\n' +
        'Start one with "npm run emulator" (needs Python) or "docker compose up ministack", and then:\n' +
        '  AWS_ENDPOINT_URL=http://127.0.0.1:4566 npm run test:emulator',
    );
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw new CannotRun(
      `AWS_ENDPOINT_URL ${endpoint} is not a web address. Use one such as http://127.0.0.1:4566.`,
    );
  if (/(^|\.)(amazonaws\.com(\.cn)?|aws)\.?$/.test(new URL(endpoint).hostname))
    throw new CannotRun(
      `AWS_ENDPOINT_URL ${endpoint} is AWS itself, and this suite deletes stacks. Deploy to AWS with "npm run deploy".`,
    );
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1';
  // The address of a single service would override this one.
  const others = Object.entries(environment).filter(([name]) => !name.startsWith('AWS_ENDPOINT_URL'));
  return {
    ...{ endpoint, region },
    environment: { ...Object.fromEntries(others), ...settings(endpoint, region) },
  };
}

/** With made-up keys: no credentials that are valid on AWS are sent to the emulator. */
function settings(endpoint: string, region: string): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
    // A configuration file could set addresses too.
    AWS_CONFIG_FILE: '/dev/null',
  };
}

/** The same for the SDK clients of the suite. */
export function connectionTo({ endpoint, region }: Target): Connection & { readonly endpoint: string } {
  return { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}
