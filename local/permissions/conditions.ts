// The conditions of a statement. All of them have to hold, and of the values of one any.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html

import { isJsonRecord, type JsonRecord } from '../json-record.ts';
import { type CallContext, type ContextKey, contextKeyNamed } from './context-keys.ts';
import { PolicyNotModelled } from './not-modelled-here.ts';
import { type Matcher, textMatcher } from './patterns.ts';

export type Condition = {
  readonly holds: (context: CallContext) => boolean;
  /** As the template has it. */
  readonly given: JsonRecord;
};
type Test = Condition['holds'];
type Operator = { readonly matcher: (wanted: string) => Matcher; readonly isNegated: boolean };
type Quantifier = 'ForAllValues' | 'ForAnyValue' | undefined;

const inSmallLetters = (wanted: string): Matcher => {
  const small = wanted.toLowerCase();
  return (given) => given.toLowerCase() === small;
};
const pair = (name: string, negation: string, matcher: Operator['matcher']) => ({
  [name]: { matcher, isNegated: false },
  [negation]: { matcher, isNegated: true },
});
const operators: Readonly<Record<string, Operator>> = {
  ...pair('StringEquals', 'StringNotEquals', (wanted) => (given) => given === wanted),
  ...pair('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', inSmallLetters),
  ...pair('StringLike', 'StringNotLike', textMatcher),
  Bool: { matcher: inSmallLetters, isNegated: false },
};
const operatorForm = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/;

/** Throws PolicyNotModelled. */
export function readCondition(block: unknown, place: string): Condition {
  if (!isJsonRecord(block)) throw notModelled(place, `a condition of the form ${JSON.stringify(block)}`);
  const conditions = Object.entries(block).flatMap(([operator, wantedOfKeys]) =>
    Object.entries(wantedOfKeys as object).map(([key, wanted]) => {
      const values = [wanted].flat().map(String);
      const variable = values.find((value) => value.includes('${'));
      if (variable !== undefined) throw notModelled(place, `the policy variable in ${variable}`);
      return readOne(operator, key, values, place);
    }),
  );
  return { holds: (context) => conditions.every((holds) => holds(context)), given: block };
}

function readOne(name: string, keyName: string, wanted: readonly string[], place: string): Test {
  const key = contextKeyNamed(keyName);
  if (key === undefined)
    throw new PolicyNotModelled(
      place,
      `the condition key ${keyName}`,
      'Add it to local/permissions/context-keys.ts.',
    );
  if (name === 'Null') return isNull(key, wanted);
  const [, quantifier, operatorName = '', ifExists] = operatorForm.exec(name) ?? [];
  const operator = Object.hasOwn(operators, operatorName) ? operators[operatorName] : undefined;
  if (operator === undefined) throw notModelled(place, `the condition operator ${name}`);
  if (key.isMultivalued && quantifier === undefined)
    throw notModelled(place, `${name} of ${keyName}, without ForAllValues or ForAnyValue,`);
  return holdsFor(key, quantifier as Quantifier, operator, wanted, ifExists !== undefined);
}

function isNull(key: ContextKey, wanted: readonly string[]): Test {
  return (context) => wanted.includes(String(key.valuesIn(context) === undefined));
}

function holdsFor(
  key: ContextKey,
  quantifier: Quantifier,
  { matcher, isNegated }: Operator,
  wanted: readonly string[],
  ifExists: boolean,
): Test {
  const matchers = wanted.map(matcher);
  const matches = (given: string) => matchers.some((each) => each(given)) !== isNegated;
  return (context) => {
    const given = key.valuesIn(context) ?? [];
    // Without values ForAllValues holds, ForAnyValue does not, and a negation does.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition_examples-multi-valued-context-keys.html
    if (given.length === 0)
      return ifExists || quantifier === 'ForAllValues' || (isNegated && quantifier !== 'ForAnyValue');
    return quantifier === 'ForAnyValue' ? given.some(matches) : given.every(matches);
  };
}

function notModelled(place: string, what: string): PolicyNotModelled {
  return new PolicyNotModelled(place, what, 'Add it to local/permissions/conditions.ts.');
}
