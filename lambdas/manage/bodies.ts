// The bodies that manage takes, as strict schemas: a member that is unknown or wrong is named. The OpenAPI document is made
// of them, too.

import * as z from 'zod/mini';
import {
  isOrigin,
  mostOrigins,
  mostPublicEventsPerMinute,
  originRule,
} from '../../domain/accounts/api-keys.ts';
import { isAddressWithCapitals, isPerson, longestPerson } from '../../domain/accounts/people.ts';
import { roleNames } from '../../domain/accounts/roles.ts';
import { scopes } from '../../domain/api/routes.ts';
import { durationForms, parseDuration } from '../../domain/system/instants.ts';
import { minuteMs } from '../../domain/system/time.ts';

const scopesFault = `must be a list of ${scopes.join(', ')}, each once`;
const durationFault = `must be a duration: ${durationForms}`;
const personFault = `must be the name of a person as tokens have it: 1-${longestPerson} printable ASCII characters without spaces, quotes, # and \\`;
const capitalsFault = 'must be in lower case, because it is an address';
const roleFault = `must be one of ${roleNames.join(', ')}`;

const duration = z.pipe(
  z.string(durationFault),
  z.transform((text: string, context) => parseDuration(text) ?? refuse(context, durationFault)),
);
const scopeList = z.array(z.enum(scopes, { error: scopesFault }), { error: scopesFault }).check(
  z.minLength(1, scopesFault),
  z.refine((list) => new Set(list).size === list.length, scopesFault),
);

/** One that ends at once would be of no use, and count. */
const leastExpiryMs = minuteMs;
const expiryFault = 'must be a minute or more';

const originsFault = `must be a list of 1-${mostOrigins} origins, each once: ${originRule}`;
const originList = z
  .array(z.string(originsFault).check(z.refine(isOrigin, originsFault)), originsFault)
  .check(
    z.minLength(1, originsFault),
    z.maxLength(mostOrigins, originsFault),
    z.refine((list) => new Set(list).size === list.length, originsFault),
  );
const rateFault = `must be a whole number from 1 to ${mostPublicEventsPerMinute}`;

export const newKeyBody = z.strictObject({
  scopes: scopeList,
  origins: z.optional(originList),
  events_per_minute: z.optional(
    z.int(rateFault).check(z.gte(1, rateFault), z.lte(mostPublicEventsPerMinute, rateFault)),
  ),
  expires_in: z.optional(duration.check(z.refine((ms) => ms >= leastExpiryMs, expiryFault))),
});
export const rotationBody = z.strictObject({ overlap: z.optional(duration) });
export const newMemberBody = z.strictObject({
  person: z.string(personFault).check(
    z.refine(isPerson, personFault),
    z.refine((name) => !isAddressWithCapitals(name), capitalsFault),
  ),
  role: z.enum(roleNames, { error: roleFault }),
});
export const emptyBody = z.strictObject({});

function refuse(context: { issues: unknown[] }, message: string): never {
  context.issues.push({ code: 'custom', message, input: undefined });
  return z.NEVER;
}
