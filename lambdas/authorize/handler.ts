// It logs nothing itself, and so has no logger: Lambda logs what it throws.

import { DynamoAccounts } from '../../adapters/accounts/dynamodb-accounts.ts';
import { authorizeTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { requestPause, systemClock } from '../../adapters/system/clock-and-random.ts';
import { readVariable } from '../runtime/environment.ts';
import { createAuthorize } from './authorize.ts';
import { createPrincipals } from './principals.ts';

const accounts = new DynamoAccounts({
  client: createDocumentClient(authorizeTimeouts),
  name: readVariable('ACCOUNTS_TABLE'),
  pause: requestPause,
});

export const handler = createAuthorize(createPrincipals(accounts, systemClock));
