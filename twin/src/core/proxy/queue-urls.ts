// The SDK sends to the host of a queue's URL, whatever its endpoint. So the queue URLs that functions get, in variables
// and in answers, lead to the proxy.

import { twinAccount } from '../../template/pseudo-parameters.ts';
import type { AwsEntrance, Step } from './aws-call.ts';
import { bodyOf, type Json, jsonBody } from './json-body.ts';

const deployedOrigin = `https://sqs.${twinAccount.region}.amazonaws.com`;

/** A function's variables, with the URLs of the template's queues in them replaced by those of the proxy. */
export function withLocalQueueUrls(
  variables: Readonly<Record<string, string>>,
  proxyUrl: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      value.replaceAll(
        `${deployedOrigin}/${twinAccount.accountId}/`,
        `${proxyUrl}/${twinAccount.accountId}/`,
      ),
    ]),
  );
}

/** The engine answers with URLs of its own. */
export function createQueueUrls(proxy: Pick<AwsEntrance, 'url'>): Step {
  return async (call, next) => {
    const answer = await next(call);
    const output = call.service === 'sqs' ? jsonBody(answer.body) : undefined;
    if (output?.QueueUrl === undefined && output?.QueueUrls === undefined) return answer;
    return { ...answer, body: bodyOf(withLocalUrls(output, proxy.url)) };
  };
}

function withLocalUrls(output: Json, proxyUrl: string): Json {
  const local = (url: unknown) => `${proxyUrl}${new URL(String(url)).pathname}`;
  const { QueueUrl, QueueUrls } = output;
  return {
    ...output,
    ...(QueueUrl !== undefined && { QueueUrl: local(QueueUrl) }),
    ...(Array.isArray(QueueUrls) && { QueueUrls: QueueUrls.map(local) }),
  };
}
