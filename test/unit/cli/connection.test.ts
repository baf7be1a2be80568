import { expect, it } from 'vitest';
import { toOperatorOptions } from '../../../cli/connection.ts';

const credentials = { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' };

it.each([
  [{ stage: 'dev' }, { stage: 'dev' }],
  [
    { stage: 'prod', region: 'eu-west-1' },
    { stage: 'prod', region: 'eu-west-1' },
  ],
  [
    { stage: 'dev', endpoint: 'http://localhost:4566' },
    { stage: 'dev', endpoint: 'http://localhost:4566', region: 'us-east-1', credentials },
  ],
  [
    { stage: 'dev', endpoint: 'http://[::1]:4566', region: 'eu-west-1' },
    { stage: 'dev', endpoint: 'http://[::1]:4566', region: 'eu-west-1', credentials },
  ],
  [
    { stage: 'dev', endpoint: 'https://vpce.example' },
    { stage: 'dev', endpoint: 'https://vpce.example' },
  ],
])('%j leaves region and credentials to the environment unless the endpoint is here', (options, expected) => {
  expect(toOperatorOptions(options, '/')).toEqual(expected);
});
