// The statements of a policy document, ready to be asked. Promises that every element of them is heeded: one that is
// not known ends the start.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html

import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';
import { type Condition, readCondition } from './conditions.ts';
import { PolicyNotModelled, rewriteOrModel } from './iam-not-modelled.ts';
import { actionMatcher, isWholeArn, type Matcher, resourceMatcher } from './patterns.ts';

/** `text` is as the template has it. */
export type Pattern = { readonly text: string; readonly matches: Matcher };

export type Statement = {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly Pattern[];
  readonly resources: readonly Pattern[];
  readonly condition: Condition | undefined;
};

const elements = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Condition']);
const actionForm = /^(\*|[a-z0-9-]+:[\w*?-]+)$/i;

/** The type of the resource that this name was made up for, where nobody knows what Ref answers for it. */
export type UnknownTypeOf = (name: string) => string | undefined;

/** Throws PolicyNotModelled. */
export function readStatements(
  document: unknown,
  place: string,
  unknownTypeOf: UnknownTypeOf = () => undefined,
): readonly Statement[] {
  if (!isJsonRecord(document)) throw notModelled(place, 'a policy without a document');
  const { Version, Statement: given, ...rest } = document;
  // The older language has no policy variables: what looks like one is text there.
  if (Version !== '2012-10-17') throw notModelled(place, `the version ${String(Version)} of a policy`);
  const [other] = Object.keys(rest);
  if (other !== undefined) throw notModelled(place, `the element ${other}`);
  return [given]
    .flat()
    .map((statement, index) =>
      readStatement(statement as JsonRecord, `${place}, statement ${index + 1}`, unknownTypeOf),
    );
}

function readStatement(statement: JsonRecord, place: string, unknownTypeOf: UnknownTypeOf): Statement {
  const other = Object.keys(statement).find((element) => !elements.has(element));
  if (other !== undefined) throw notModelled(place, `the element ${other}`);
  const { Effect: effect, Condition: condition } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw notModelled(place, `the effect ${String(effect)}`);
  return {
    effect,
    actions: readPatterns(statement.Action, readAction, place),
    resources: readPatterns(statement.Resource, readResource(unknownTypeOf), place),
    condition: condition === undefined ? undefined : readCondition(condition, place),
  };
}

function readPatterns(
  given: unknown,
  read: (text: string, place: string) => Matcher,
  place: string,
): readonly Pattern[] {
  if (given === undefined) throw notModelled(place, 'a statement without actions or resources');
  return [given].flat().map((text) => ({ text: String(text), matches: read(String(text), place) }));
}

function readAction(text: string, place: string): Matcher {
  if (!actionForm.test(text)) throw notModelled(place, `the action ${text}`);
  return actionMatcher(text);
}

const readResource =
  (unknownTypeOf: UnknownTypeOf) =>
  (text: string, place: string): Matcher => {
    const type = unknownTypeOf(text);
    if (type !== undefined)
      throw new PolicyNotModelled(
        place,
        `${type}, on which it grants something,`,
        'The twin runs no such resource. Synthesize the app without the grant, or add the type to src/template/resource-types.ts of the twin.',
      );
    if (text.includes('${')) throw notModelled(place, `the policy variable in ${text}`);
    // AWS completes an ARN that is cut short. A policy that means all resources says `*`.
    if (text !== '*' && !isWholeArn(text))
      throw notModelled(place, `the resource ${text}, which is no whole ARN,`);
    return resourceMatcher(text);
  };

function notModelled(place: string, what: string): PolicyNotModelled {
  return new PolicyNotModelled(place, what, rewriteOrModel('statements.ts'));
}
