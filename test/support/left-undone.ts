// Calls of many items that take effect for all but some of them, at every try: those are throttled or left unprocessed.

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

type Input = {
  readonly Statements?: readonly object[];
  readonly RequestItems?: Readonly<Record<string, readonly object[]>>;
};

/** The inserts and writes that hold `text` are left undone while `work` runs. */
export async function leavingUndone<T>(
  client: DynamoDBDocumentClient,
  text: string,
  work: () => Promise<T>,
): Promise<T> {
  const isLeft = (part: object) => JSON.stringify(part).includes(text);
  client.middlewareStack.add(
    (next) => async (args) => {
      const { Statements, RequestItems } = args.input as Input;
      if (Statements) {
        const done = Statements.filter((statement) => !isLeft(statement));
        const answer = done.length > 0 ? await next(withInput(args, { Statements: done })) : noAnswer;
        const { Responses = [] } = answer.output as { Responses?: unknown[] };
        const responses = [...Responses];
        const all = Statements.map((statement) => (isLeft(statement) ? throttled : responses.shift()));
        return { ...answer, output: { ...answer.output, Responses: all } };
      }
      const [[table, requests] = ['', []]] = Object.entries(RequestItems ?? {});
      if (!requests.some(isLeft)) return next(args);
      const done = requests.filter((request) => !isLeft(request));
      const answer =
        done.length > 0 ? await next(withInput(args, { RequestItems: { [table]: done } })) : noAnswer;
      return {
        ...answer,
        output: { ...answer.output, UnprocessedItems: { [table]: requests.filter(isLeft) } },
      };
    },
    { step: 'serialize', priority: 'high', name: 'leaveUndone' },
  );
  try {
    return await work();
  } finally {
    client.middlewareStack.remove('leaveUndone');
  }
}

const throttled = { Error: { Code: 'ThrottlingError' } };
const noAnswer = { output: { $metadata: {} }, response: {} };
const withInput = <Args extends { input: object }>(args: Args, input: Input): Args => ({
  ...args,
  input: { ...args.input, ...input },
});
