// The conditions of a statement. Two are modelled: ForAllValues:StringEquals and ForAllValues:StringLike of
// dynamodb:LeadingKeys. Any other ends the start, since a condition on something nobody looks at would be met or missed
// by chance.

import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';
import { PolicyNotModelled, rewriteOrModel } from './iam-not-modelled.ts';
import { type Matcher, textMatcher } from './patterns.ts';

/** What of a call conditions ask for. May throw NeedNotModelled. */
export type CallContext = { readonly leadingKeys?: () => readonly string[] };

export type Condition = {
  readonly holds: (context: CallContext) => boolean;
  /** As the template has it. */
  readonly given: JsonRecord;
};

/** What a value of each stands for. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const operators = new Map<string, (value: string) => Matcher>([
  ['ForAllValues:StringEquals', (value) => (text) => text === value],
  ['ForAllValues:StringLike', textMatcher],
]);

/** Throws PolicyNotModelled. */
export function readCondition(block: unknown, place: string): Condition {
  if (!isJsonRecord(block)) throw notModelled(place, `a condition of the form ${JSON.stringify(block)}`);
  const wanted = Object.entries(block).flatMap(([operator, ofKeys]) =>
    Object.entries(ofKeys as object).map(([key, values]) => {
      const matcherOf = operators.get(operator);
      // Names of keys are the same in any case.
      if (matcherOf === undefined || key.toLowerCase() !== 'dynamodb:leadingkeys')
        throw notModelled(place, `the condition ${operator} of ${key}`);
      const texts = [values].flat().map(String);
      const variable = texts.find((text) => text.includes('${'));
      if (variable !== undefined) throw notModelled(place, `the policy variable in ${variable}`);
      return texts.map(matcherOf);
    }),
  );
  return {
    // A call without such keys, as a Scan is, meets ForAllValues.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition_examples-multi-valued-context-keys.html
    holds: ({ leadingKeys = () => [] }) => {
      const keys = leadingKeys();
      return wanted.every((matchers) => keys.every((key) => matchers.some((matches) => matches(key))));
    },
    given: block,
  };
}

function notModelled(place: string, what: string): PolicyNotModelled {
  return new PolicyNotModelled(place, what, rewriteOrModel('conditions.ts'));
}
