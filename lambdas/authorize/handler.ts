// It logs nothing itself, and so has no logger: Lambda logs what it throws.

import { DynamoMemberships } from '../../adapters/accounts/dynamodb-memberships.ts';
import { DynamoNotices } from '../../adapters/accounts/dynamodb-notices.ts';
import { DynamoPrincipals } from '../../adapters/accounts/dynamodb-principals.ts';
import { HttpsIssuerKeys } from '../../adapters/accounts/https-issuer-keys.ts';
import { authorizeTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { requestPause, systemClock } from '../../adapters/system/clock-and-random.ts';
import type { PeopleSettings } from '../../domain/accounts/people.ts';
import type { OffPeak } from '../../domain/limits/off-peak.ts';
import { readOptionalVariable, readVariable } from '../runtime/environment.ts';
import { createReadAccounts } from './accounts-table.ts';
import { createAuthorize } from './authorize.ts';
import { createIssuerKeys } from './issuer-keys.ts';
import { createMemberships } from './memberships.ts';
import { createNoteRevokedUse } from './note-revoked-use.ts';
import { notingUnauthorized } from './note-unauthorized.ts';
import { createNoteUse } from './note-use.ts';
import { createPeople, noPeople, type People } from './people.ts';
import { createPrincipals } from './principals.ts';
import { createTokens } from './tokens.ts';

const table = {
  client: createDocumentClient(authorizeTimeouts),
  name: readVariable('ACCOUNTS_TABLE'),
  pause: requestPause,
};
const readAccounts = createReadAccounts(systemClock);
const accounts = new DynamoPrincipals(table);
const notices = new DynamoNotices(table);

/** Of the stage, checked when it was synthesized. */
function readSettings<T>(name: 'OFF_PEAK' | 'PEOPLE'): T | undefined {
  const variable = readOptionalVariable(name);
  return variable === undefined ? undefined : (JSON.parse(variable) as T);
}

function people(): People {
  const settings = readSettings<PeopleSettings>('PEOPLE');
  if (!settings) return noPeople;
  const keys = createIssuerKeys(new HttpsIssuerKeys(settings.jwksUri), systemClock);
  return createPeople(
    createTokens(settings, keys, systemClock),
    createMemberships(
      new DynamoMemberships(table),
      systemClock,
      readAccounts,
      settings.rolesClaim !== undefined,
    ),
  );
}

export const handler = notingUnauthorized(
  createAuthorize({
    principals: createPrincipals(accounts, systemClock, readAccounts),
    noteUse: createNoteUse(accounts, systemClock),
    noteRevokedUse: createNoteRevokedUse(notices, systemClock),
    people: people(),
    offPeak: readSettings<OffPeak>('OFF_PEAK'),
    clock: systemClock,
  }),
  notices,
  systemClock,
);
