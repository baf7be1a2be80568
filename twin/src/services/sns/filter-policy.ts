// Which messages of a topic a subscription wants. https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html

import { compilePattern } from '../../core/event-pattern.ts';
import type { Attribute, Publication } from './publications.ts';

export type MessageTest = (publication: Publication) => boolean;

/** Throws PatternNotModelled for what it would judge wrongly. */
export function compileFilter(policy: unknown, scope: unknown): MessageTest {
  if (policy === undefined) return () => true;
  const matches = compilePattern(policy);
  return scope === 'MessageBody'
    ? ({ message }) => matches(jsonOf(message))
    : ({ attributes }) =>
        matches(
          Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [name, attributeValue(value)]),
          ),
        );
}

function attributeValue({ Type, Value }: Attribute): unknown {
  if (Type.startsWith('Number')) return Number(Value);
  return Type === 'String.Array' ? jsonOf(Value) : Value;
}

/** What is no JSON has nothing that a policy could ask for. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
