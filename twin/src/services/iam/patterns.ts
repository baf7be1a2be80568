// What the actions and resources of a statement stand for, and the texts of its conditions, with `*` for any text and
// `?` for any character.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html

export type Matcher = (text: string) => boolean;

/** Actions are the same in any case. */
export function actionMatcher(pattern: string): Matcher {
  return matcherOf(sourceOf(pattern, '.*', '.'), 'i');
}

/** Matches the values of a condition such as StringLike, to which case matters. */
export function textMatcher(pattern: string): Matcher {
  return matcherOf(sourceOf(pattern, '.*', '.'), '');
}

/** Before the resource itself, which may have colons of its own: `arn`, partition, service, region and account. */
const leadingParts = 5;

export function isWholeArn(pattern: string): boolean {
  return pattern.startsWith('arn:') && pattern.split(':').length > leadingParts;
}

/** Matches whole ARNs. In the leading parts a wildcard stays between the colons, unless it is the last of its part. */
export function resourceMatcher(pattern: string): Matcher {
  if (pattern === '*') return () => true;
  const parts = pattern.split(':');
  const leading = parts
    .slice(0, leadingParts)
    .map((part) => sourceOf(part.replace(/\*$/, ''), '[^:]*', '[^:]') + (part.endsWith('*') ? '.*' : ''));
  const resource = sourceOf(parts.slice(leadingParts).join(':'), '.*', '.');
  return matcherOf([...leading, resource].join(':'), '');
}

function sourceOf(pattern: string, any: string, one: string): string {
  return pattern
    .split(/([*?])/)
    .map((part) => (part === '*' ? any : part === '?' ? one : RegExp.escape(part)))
    .join('');
}

function matcherOf(source: string, flags: '' | 'i'): Matcher {
  const expression = new RegExp(`^${source}$`, `su${flags}`);
  return (text) => expression.test(text);
}
