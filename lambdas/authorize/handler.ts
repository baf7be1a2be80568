// It logs nothing itself, and so has no logger: Lambda logs what it throws.

import { DynamoPrincipals } from '../../adapters/accounts/dynamodb-principals.ts';
import { authorizeTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { requestPause, systemClock } from '../../adapters/system/clock-and-random.ts';
import { readVariable } from '../runtime/environment.ts';
import { createAuthorize } from './authorize.ts';
import { createNoteUse } from './note-use.ts';
import { createPrincipals } from './principals.ts';

const accounts = new DynamoPrincipals({
  client: createDocumentClient(authorizeTimeouts),
  name: readVariable('ACCOUNTS_TABLE'),
  pause: requestPause,
});

export const handler = createAuthorize(
  createPrincipals(accounts, systemClock),
  createNoteUse(accounts, systemClock),
);
