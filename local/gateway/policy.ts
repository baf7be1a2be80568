// Whether an IAM policy lets a method be called: a Deny that matches wins, then an Allow, else no.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-lambda-authorizer-output.html

export type PolicyStatement = {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
};

export function permits(statements: readonly PolicyStatement[], methodArn: string): boolean {
  const effects = statements
    .filter(
      ({ Action, Resource }) =>
        listOf(Action).some((action) => matches(action.toLowerCase(), 'execute-api:invoke')) &&
        listOf(Resource).some((resource) => matches(resource, methodArn)),
    )
    .map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(text);
}

function listOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
}
