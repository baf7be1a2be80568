// The condition keys that the twin knows, and what each holds in a call. A key that is not here ends the start: a
// condition on something nobody looks at would be met or missed by chance.

import { twinAccount } from '../template/pseudo-parameters.ts';

/** Of a call, by the key in small letters; undefined where the call has none. May throw NeedNotModelled. */
export type CallContext = {
  readonly 'dynamodb:leadingkeys'?: () => readonly string[] | undefined;
  readonly 'dynamodb:enclosingoperation'?: () => readonly string[] | undefined;
};

export type ContextKey = {
  /** Such a key is of use only with ForAllValues or ForAnyValue. */
  readonly isMultivalued: boolean;
  valuesIn(context: CallContext): readonly string[] | undefined;
};

const always = (...values: readonly string[]): ContextKey => ({
  isMultivalued: false,
  valuesIn: () => values,
});
const never: ContextKey = { isMultivalued: false, valuesIn: () => undefined };

const keys: Readonly<Record<string, ContextKey>> = {
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
  'dynamodb:leadingkeys': {
    isMultivalued: true,
    valuesIn: (context) => context['dynamodb:leadingkeys']?.(),
  },
  'dynamodb:enclosingoperation': {
    isMultivalued: false,
    valuesIn: (context) => context['dynamodb:enclosingoperation']?.(),
  },
  // Deployed, functions reach AWS by TLS alone; here nothing leaves the machine.
  'aws:securetransport': always('true'),
  'aws:principalaccount': always(twinAccount.accountId),
  'aws:resourceaccount': always(twinAccount.accountId),
  'aws:requestedregion': always(twinAccount.region),
  // Only services that act for a resource bring these, and no function is one.
  'aws:sourceaccount': never,
  'aws:sourcearn': never,
};

/** Names of keys are the same in any case. */
export function contextKeyNamed(name: string): ContextKey | undefined {
  const known = name.toLowerCase();
  return Object.hasOwn(keys, known) ? keys[known] : undefined;
}
