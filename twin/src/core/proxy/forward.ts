// Forwards a call to an engine over kept connections, and answers with its whole answer.

import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type AwsAnswer, type AwsRequest, errorAnswer } from './aws-call.ts';

const ofOneConnection = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
]);

export type Forwarder = {
  forward(request: AwsRequest, endpoint: string): Promise<AwsAnswer>;
  end(): void;
};

export function createForwarder(): Forwarder {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  /** Read once: bounded by the engines. */
  const addresses = new Map<string, { readonly hostname: string; readonly port: string }>();
  const addressOf = (endpoint: string) => {
    const address = addresses.get(endpoint) ?? new URL(endpoint);
    addresses.set(endpoint, address);
    return address;
  };
  return {
    forward: (request, endpoint) =>
      new Promise((resolve, reject) => {
        const { hostname, port } = addressOf(endpoint);
        const outgoing = httpRequest(
          {
            agent,
            hostname,
            port,
            path: request.url,
            method: request.method,
            headers: { ...endToEnd(request.headers), 'content-length': request.body.byteLength },
          },
          (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
            incoming.on('error', reject);
            incoming.on('end', () =>
              resolve({
                status: incoming.statusCode ?? 502,
                headers: endToEnd(incoming.headers),
                body: Buffer.concat(chunks),
              }),
            );
          },
        );
        // To the caller this is what an outage of the service looks like.
        outgoing.on('error', (error) =>
          resolve(
            errorAnswer(503, 'ServiceUnavailable', `The local engine did not answer: ${error.message}`),
          ),
        );
        outgoing.end(request.body);
      }),
    end: () => agent.destroy(),
  };
}

function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !ofOneConnection.has(name)) kept[name] = value;
  return kept;
}
