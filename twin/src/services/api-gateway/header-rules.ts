// What the gateway does with headers on their way to a function, and from the function's answer to the client. One
// table, of the column for Lambda functions; a header without a rule passes as it is.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html

type Rule = { readonly toFunction?: 'dropped'; readonly toClient?: 'dropped' | 'remapped' };

const rules: Readonly<Record<string, Rule>> = {
  authorization: { toClient: 'remapped' },
  connection: { toFunction: 'dropped', toClient: 'remapped' },
  // The events that AWS documents have none, and the client's is counted anew.
  'content-length': { toFunction: 'dropped', toClient: 'dropped' },
  'content-md5': { toFunction: 'dropped', toClient: 'remapped' },
  // The gateway sends its own.
  date: { toClient: 'remapped' },
  expect: { toFunction: 'dropped', toClient: 'dropped' },
  host: { toClient: 'dropped' },
  'max-forwards': { toFunction: 'dropped', toClient: 'remapped' },
  'proxy-authenticate': { toFunction: 'dropped', toClient: 'dropped' },
  server: { toFunction: 'dropped', toClient: 'remapped' },
  te: { toFunction: 'dropped', toClient: 'dropped' },
  trailer: { toFunction: 'dropped', toClient: 'dropped' },
  'transfer-encoding': { toFunction: 'dropped', toClient: 'dropped' },
  upgrade: { toFunction: 'dropped', toClient: 'dropped' },
  'user-agent': { toClient: 'remapped' },
  via: { toClient: 'dropped' },
  'www-authenticate': { toFunction: 'dropped', toClient: 'remapped' },
};

export function reachesFunction(name: string, value: string): boolean {
  const lowerCaseName = name.toLowerCase();
  // Signed requests are for AWS itself.
  if (lowerCaseName === 'authorization' && value.startsWith('AWS4-')) return false;
  return rules[lowerCaseName]?.toFunction !== 'dropped';
}

/** The header's name in the client's answer, in lower case; undefined where it does not get there. */
export function nameForClient(name: string): string | undefined {
  const lowerCaseName = name.toLowerCase();
  const rule = rules[lowerCaseName]?.toClient;
  if (rule === 'dropped') return undefined;
  return rule === 'remapped' ? `x-amzn-remapped-${lowerCaseName}` : lowerCaseName;
}
