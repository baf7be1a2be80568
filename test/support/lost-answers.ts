// A call that takes effect but whose answer is lost, so that the SDK retries it.

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** Returns how often the client tried. */
export async function losingTheFirstAnswer(
  client: DynamoDBDocumentClient,
  work: () => Promise<void>,
): Promise<number> {
  let tries = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      tries += 1;
      if (tries === 1) throw Object.assign(new Error('the answer was lost'), { name: 'TimeoutError' });
      return answer;
    },
    { step: 'deserialize', priority: 'low', name: 'loseTheFirstAnswer' },
  );
  try {
    await work();
  } finally {
    client.middlewareStack.remove('loseTheFirstAnswer');
  }
  return tries;
}
