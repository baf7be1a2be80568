// Where the suite deploys to: an emulator of AWS, and never AWS itself, because stacks are deleted at the end.

import type { Connection } from '../../adapters/aws/client-options.ts';

export type Target = {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly region: string;
  /** What every program that the suite starts gets as its environment. */
  readonly environment: NodeJS.ProcessEnv;
};

export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

export function readTarget(environment: NodeJS.ProcessEnv): Target {
  const endpoint = environment.AWS_ENDPOINT_URL?.replace(/\/+$/, '');
  if (!endpoint)
    throw new CannotRun(
      'AWS_ENDPOINT_URL is missing: the address of LocalStack or of what is compatible with it.\n' +
        'Start one with "npm run emulator" (needs Python) or "docker compose up ministack", and then:\n' +
        '  AWS_ENDPOINT_URL=http://127.0.0.1:4566 npm run test:emulator',
    );
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw new CannotRun(
      `AWS_ENDPOINT_URL ${endpoint} is no web address; it reads like http://127.0.0.1:4566.`,
    );
  if (/(^|\.)(amazonaws\.com(\.cn)?|aws)\.?$/.test(new URL(endpoint).hostname))
    throw new CannotRun(
      `AWS_ENDPOINT_URL ${endpoint} is AWS itself. This suite deletes what it finds; deploy there with "npm run deploy".`,
    );
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1';
  // An address of a single service would be preferred to this one.
  const others = Object.entries(environment).filter(([name]) => !name.startsWith('AWS_ENDPOINT_URL'));
  return {
    ...{ endpoint, region },
    environment: { ...Object.fromEntries(others), ...settings(endpoint, region) },
  };
}

/** Keys that are no one's: nothing that is valid at AWS leaves for the emulator. */
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
    // Nor does what a configuration file says of addresses count.
    AWS_CONFIG_FILE: '/dev/null',
  };
}

/** The same, for clients of the suite's own. */
export function connectionTo({ endpoint, region }: Target): Connection & { readonly endpoint: string } {
  return { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}
