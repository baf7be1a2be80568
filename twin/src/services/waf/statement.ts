// The statements of AWS WAF that narrow a rule to some requests. One that is not known here fails the start by its name:
// a rule that applies to too much or too little is worse than none.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements.html

/** What WAF sees of a request. */
export type InspectedRequest = {
  readonly sourceIp: string;
  /**
   * At the API's own address, which a template without a domain has, the path begins with the stage.
   * https://docs.aws.amazon.com/waf/latest/developerguide/logging-examples.html
   */
  readonly uriPath: string;
  readonly method: string;
  /** As the client declares it. */
  readonly bodyBytes: number;
  /** The first value of a header; its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Of the rules before, which matched it. */
  readonly labels: ReadonlySet<string>;
};

/** What the twin could only apply wrongly fails the start. */
export class WebAclNotModelled extends Error {
  override readonly name = 'WebAclNotModelled';
}

export type Matcher = (request: InspectedRequest) => boolean;

type Settings = Readonly<Record<string, unknown>>;

export function readStatement(place: string, statement: unknown): Matcher {
  const [kind, settings] = onlyMember(statement);
  switch (kind) {
    case 'AndStatement': {
      const matchers = readStatements(place, settings);
      return (request) => matchers.every((matches) => matches(request));
    }
    case 'OrStatement': {
      const matchers = readStatements(place, settings);
      return (request) => matchers.some((matches) => matches(request));
    }
    case 'NotStatement': {
      const matches = readStatement(place, settings.Statement);
      return (request) => !matches(request);
    }
    case 'ByteMatchStatement':
      return readByteMatch(place, settings);
    case 'RegexMatchStatement':
      return readRegexMatch(place, settings);
    case 'LabelMatchStatement': {
      const { Scope, Key } = settings;
      if (Scope !== 'LABEL')
        throw new WebAclNotModelled(`${place}: the label scope ${Scope} is not modelled.`);
      return ({ labels }) => labels.has(String(Key));
    }
    default:
      throw new WebAclNotModelled(`${place}: the statement ${kind} is not modelled.`);
  }
}

function readStatements(place: string, { Statements }: Settings): readonly Matcher[] {
  return (Statements as readonly unknown[]).map((statement) => readStatement(place, statement));
}

const positions: Readonly<Record<string, (text: string, wanted: string) => boolean>> = {
  CONTAINS: (text, wanted) => text.includes(wanted),
  ENDS_WITH: (text, wanted) => text.endsWith(wanted),
  EXACTLY: (text, wanted) => text === wanted,
  STARTS_WITH: (text, wanted) => text.startsWith(wanted),
};

const transformations: Readonly<Record<string, (text: string) => string>> = {
  LOWERCASE: (text) => text.toLowerCase(),
  NONE: (text) => text,
  URL_DECODE: (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  },
};

const known = <T>(
  place: string,
  table: Readonly<Record<string, T>>,
  property: string,
  kind: string,
  name: unknown,
): T => {
  const value = table[String(name)];
  if (value === undefined)
    throw new WebAclNotModelled(`${place}: the ${property} ${name} of a ${kind} is not modelled.`);
  return value;
};

function readByteMatch(place: string, settings: Settings): Matcher {
  const kind = 'ByteMatchStatement';
  const wanted = readSearchString(settings);
  const { PositionalConstraint: position } = settings;
  const isAtPosition = known(place, positions, 'PositionalConstraint', kind, position);
  return readTextMatch(place, kind, settings, (text) => isAtPosition(text, wanted));
}

/** WAF reads PCRE, and this JavaScript's: they differ in nothing that paths need. */
function readRegexMatch(place: string, settings: Settings): Matcher {
  const { RegexString } = settings;
  let pattern: RegExp;
  try {
    pattern = new RegExp(String(RegexString));
  } catch (cause) {
    throw new WebAclNotModelled(`${place}: the regular expression ${RegexString} cannot be read.`, { cause });
  }
  return readTextMatch(place, 'RegexMatchStatement', settings, (text) => pattern.test(text));
}

function readTextMatch(
  place: string,
  kind: string,
  { FieldToMatch, TextTransformations = [] }: Settings,
  matches: (text: string) => boolean,
): Matcher {
  const field = readField(place, kind, FieldToMatch);
  const transforms = byPriority(TextTransformations as readonly { Priority: number; Type: string }[]).map(
    ({ Type }) => known(place, transformations, 'TextTransformation', kind, Type),
  );
  return (request) => {
    const text = field(request);
    if (text === undefined) return false;
    return matches(transforms.reduce((result, transform) => transform(result), text));
  };
}

function readField(
  place: string,
  ofKind: string,
  field: unknown,
): (request: InspectedRequest) => string | undefined {
  const [kind, settings] = onlyMember(field);
  switch (kind) {
    case 'Method':
      return (request) => request.method;
    case 'SingleHeader': {
      const name = String(settings.Name).toLowerCase();
      return (request) => request.header(name);
    }
    case 'UriPath':
      return (request) => request.uriPath;
    default:
      throw new WebAclNotModelled(`${place}: the field ${kind} of a ${ofKind} is not modelled.`);
  }
}

function readSearchString({ SearchString, SearchStringBase64 }: Settings): string {
  return SearchString === undefined
    ? Buffer.from(String(SearchStringBase64), 'base64').toString()
    : String(SearchString);
}

/** The lowest first, as WAF has it. Reads that of a single one too, so that it is known to be read. */
export function byPriority<Item extends { readonly Priority: number }>(
  items: readonly Item[],
): readonly Item[] {
  return items
    .map((item) => ({ item, priority: item.Priority }))
    .toSorted((left, right) => left.priority - right.priority)
    .map(({ item }) => item);
}

/** Statements and fields are objects whose one member says what they are. */
function onlyMember(value: unknown): readonly [kind: string, settings: Settings] {
  const [[kind, settings] = ['', {}]] = Object.entries((value ?? {}) as Readonly<Record<string, Settings>>);
  return [kind, settings];
}
